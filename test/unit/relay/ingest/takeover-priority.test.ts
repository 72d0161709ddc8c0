import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { TakeoverPriority } from '../../../../src/relay/ingest/takeover-priority.ts';

let directory: string;
let file: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'takeover-priority-'));
  file = join(directory, 'priority');
});
afterEach(() => rm(directory, { recursive: true }));

const at = (seconds: number) => ({ monotonic: () => 0, now: () => new Date(seconds * 1_000) });

test('begins at the wall-clock time and increases with each session', () => {
  const priority = new TakeoverPriority(file, at(1_800_000_000));
  expect([priority.next(undefined), priority.next(undefined)]).toEqual([1_800_000_000, 1_800_000_001]);
});

test('is derived from the epoch if there is one, whatever the time', () => {
  const priority = new TakeoverPriority(file, at(1_900_000_000));
  expect([priority.next(1_800_000_000), priority.next(1_800_000_000)]).toEqual([
    1_800_000_000, 1_800_000_001,
  ]);
  expect(priority.next(1_800_000_010)).toBe(1_800_000_010);
});

test('stays higher after a container restart, even if the clock was set back', () => {
  new TakeoverPriority(file, at(1_800_000_000)).next(undefined);
  expect(new TakeoverPriority(file, at(1_700_000_000)).next(undefined)).toBe(1_800_000_001);
  expect(new TakeoverPriority(file, at(1_700_000_000)).next(1_750_000_000)).toBe(1_800_000_002);
});

test('ignores an invalid file', async () => {
  await writeFile(file, 'not a number');
  expect(new TakeoverPriority(file, at(1_800_000_000)).next(undefined)).toBe(1_800_000_000);
});

test('is within the limits of the platform', () => {
  const priority = new TakeoverPriority(file, at(3_000_000_000));
  expect(priority.next(undefined)).toBe(2_147_483_647);
});
