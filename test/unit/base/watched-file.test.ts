import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { silentLogger } from '../../../src/base/logger.ts';
import { WatchedFile } from '../../../src/base/watched-file.ts';

let folder: string;
let path: string;
let results: boolean[];
let reads: number;
let file: WatchedFile<unknown>;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'livechannel-watched-'));
  path = join(folder, 'prices.json');
  results = [];
  reads = 0;
  file = new WatchedFile<unknown>('built-in', {
    path,
    everyMs: 10_000,
    parse: (text) => {
      reads += 1;
      const value: unknown = JSON.parse(text);
      return value;
    },
    logger: silentLogger,
    onLook: (valid) => results.push(valid),
  });
});
afterEach(() => rm(folder, { recursive: true }));

test('a changed file is reloaded at once, and read once', async () => {
  await writeFile(path, '1');
  await file.run();
  await file.run();
  expect([file.value, reads]).toEqual([1, 1]);
  await writeFile(path, '2');
  await file.run();
  expect([file.value, reads, results]).toEqual([2, 2, [true, true]]);
});

test.each<[string, () => Promise<void>]>([
  ['broken', () => writeFile(path, '{')],
  ['gone', () => rm(path)],
])('a file that is %s is reported once, and the last valid content stays in use', async (_, spoil) => {
  await writeFile(path, '1');
  await file.run();
  await spoil();
  await file.run();
  await file.run();
  expect([file.value, results]).toEqual([1, [true, false]]);
  await writeFile(path, '1');
  await file.run();
  expect(results).toEqual([true, false, true]);
});

test('without a file, the built-in value is used', async () => {
  await file.run();
  expect([file.value, results]).toEqual(['built-in', [false]]);
});
