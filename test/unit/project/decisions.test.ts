import { readdir, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { beforeAll, expect, test } from '@jest/globals';

const folder = resolve(import.meta.dirname, '../../../docs/decisions');

interface DecisionRecord {
  readonly file: string;
  readonly text: string;
}
let records: readonly DecisionRecord[];
let index: string;

beforeAll(async () => {
  const files = (await readdir(folder)).filter((file) => file !== 'README.md' && file !== 'template.md');
  records = await Promise.all(
    files.toSorted().map(async (file) => ({ file, text: await readFile(join(folder, file), 'utf8') })),
  );
  index = await readFile(join(folder, 'README.md'), 'utf8');
});

test('decision records are numbered from 0001 without gaps', () => {
  const expected = records.map((_, position) => String(position + 1).padStart(4, '0'));
  expect(records.map(({ file }) => /^(\d{4})-[a-z0-9]+(?:-[a-z0-9]+)*\.md$/.exec(file)?.[1])).toEqual(
    expected,
  );
});

test('every record begins with its number, a title, its date and its status', () => {
  const form =
    /^# (\d{4})\. .+\n\n- Date: \d{4}-\d\d-\d\d.*\n- Status: (?:proposed|accepted|superseded by \d{4})/;
  const wrong = records.filter(({ file, text }) => form.exec(text)?.[1] !== file.slice(0, 4));
  expect(wrong.map(({ file }) => file)).toEqual([]);
});

test('every record has the context, the decision, the alternatives and the consequences', () => {
  const sections = ['Context', 'Decision', 'Alternatives considered', 'Consequences'];
  const wrong = records.filter(
    ({ text }) =>
      ![...text.matchAll(/^## (.+)$/gm)]
        .map(([, title]) => title)
        .every((title, at) => title === sections[at]),
  );
  expect(wrong.map(({ file }) => file)).toEqual([]);
  for (const { file, text } of records)
    expect({ file, sections: text.match(/^## /gm)?.length }).toEqual({ file, sections: sections.length });
});

test('the index lists every record with its title, date and status, in order', () => {
  const rows = [
    ...index.matchAll(/^\| \[(\d{4})\]\((\S+)\)\s*\|\s*(.+?)\s*\|\s*(\S+)\s*\|\s*(.+?)\s*\|$/gm),
  ].map(([, number, file, title, date, status]) => ({ number, file, title, date, status }));
  const expected = records.map(({ file, text }) => ({
    number: file.slice(0, 4),
    file,
    title: /^# \d{4}\. (.+)$/m.exec(text)?.[1],
    date: /^- Date: (\d{4}-\d\d-\d\d)/m.exec(text)?.[1],
    status: /^- Status: (.+)$/m.exec(text)?.[1],
  }));
  expect(rows).toEqual(expected);
});
