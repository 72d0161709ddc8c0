import { expect, test } from '@jest/globals';
import { readdir } from 'node:fs/promises';
import { basename, resolve } from 'node:path';

const checkout = resolve(import.meta.dirname, '../../..');

async function sources(): Promise<readonly string[]> {
  const listed = await Promise.all(
    ['src', 'hack', 'test'].map(async (folder) =>
      (await readdir(resolve(checkout, folder), { recursive: true })).map((path) => `${folder}/${path}`),
    ),
  );
  return listed.flat().filter((path) => path.endsWith('.ts'));
}

test('source files have kebab-case names', async () => {
  const wrong = (await sources()).filter(
    (path) => !/^[a-z0-9]+(-[a-z0-9]+)*(\.property)?(\.test|\.d)?\.ts$/.test(basename(path)),
  );
  expect(wrong).toEqual([]);
});

test('no file has a catch-all name, and no file only re-exports others', async () => {
  const heaps = new Set(['index.ts', 'utils.ts', 'util.ts', 'helpers.ts', 'common.ts', 'misc.ts']);
  expect((await sources()).filter((path) => heaps.has(basename(path)))).toEqual([]);
});
