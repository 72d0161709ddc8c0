import { expect, test } from '@jest/globals';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as values from '../../../src/api/values.ts';

const src = join(import.meta.dirname, '../../../src');

const lists = Object.entries(values).flatMap(([name, value]) =>
  Array.isArray(value) ? [{ name, list: value as readonly string[] }] : [],
);

/** The values that a platform supports are declared by its driver, independently of the full list. */
const supportedLatencies = /latencies: \[.*\],/g;

/** Migrations are history: they must not follow a list that changes later. */
const files = readdirSync(src, { recursive: true, encoding: 'utf8' })
  .filter(
    (file) => file.endsWith('.ts') && file !== 'api/value-lists.ts' && !file.startsWith('store/migrations/'),
  )
  .map((file) => ({ file, text: readFileSync(join(src, file), 'utf8').replaceAll(supportedLatencies, '') }));

test('the source has lists of values', () => {
  expect(lists.length).toBeGreaterThan(10);
});

test.each(lists)('$name are listed nowhere else', ({ list }) => {
  const repeated = new RegExp(list.map((value) => `'${value}'`).join(String.raw`\s*[,|]\s*`));
  expect(files.filter(({ text }) => repeated.test(text)).map(({ file }) => file)).toEqual([]);
});
