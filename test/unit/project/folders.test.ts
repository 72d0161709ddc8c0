import { readdir, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { beforeAll, expect, test } from '@jest/globals';

const checkout = resolve(import.meta.dirname, '../../..');
const read = (path: string): Promise<string> => readFile(join(checkout, path), 'utf8');
let folders: readonly string[];

beforeAll(async () => {
  const entries = await readdir(join(checkout, 'src'), { withFileTypes: true });
  folders = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
});

test('every folder of src has a README with its allowed imports and a starting point', async () => {
  for (const folder of folders) {
    const text = await read(`src/${folder}/README.md`).catch(() => '');
    expect({ folder, text }).toEqual({ folder, text: expect.stringMatching(`^# src/${folder}: `) });
    for (const part of ['**May import:**', '**Start reading at:**', '**Invariant.**'])
      expect({ folder, text }).toEqual({ folder, text: expect.stringContaining(part) });
  }
});

test.each(['docs/architecture.md', 'CONTRIBUTING.md'])('%s lists every folder of src', async (page) => {
  const text = await read(page);
  expect(folders.filter((folder) => !text.includes(`\`src/${folder}\``))).toEqual([]);
});

test('the pages describe the order of imports in the same words as the rule', async () => {
  const orderIn = async (path: string): Promise<string | undefined> =>
    /base <- api <- .*? <- main/.exec((await read(path)).replaceAll(/\n \* |\n/g, ' '))?.[0];
  const order = await orderIn('.dependency-cruiser.mjs');
  expect(order).toBeDefined();
  expect(await orderIn('docs/architecture.md')).toBe(order);
  expect(await orderIn('CONTRIBUTING.md')).toBe(order);
});
