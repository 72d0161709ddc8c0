import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { silentLogger } from '../../../../../src/base/logger.ts';
import { FakeClock } from '../../../../../src/base/testing/fake-clock.ts';
import { SessionKeys } from '../../../../../src/server/auth/sessions/session-keys.ts';

const [first, second] = ['1'.repeat(32), '2'.repeat(64)] as const;

let folder: string;
let clock: FakeClock;
let keys: SessionKeys;
const write = (text: string) => writeFile(join(folder, 'keys'), text);
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'livechannel-session-keys-'));
  clock = new FakeClock(new Date('2026-11-30T08:00:00Z'));
  keys = new SessionKeys(join(folder, 'keys'), clock, silentLogger);
});
afterEach(() => rm(folder, { recursive: true, force: true }));

test('each line is the source of a key of 256 bits, in the order of the file; short lines are ignored', async () => {
  await write(`${first}\r\n\n  ${second}  \nshort\n`);
  const [one, two, ...others] = await keys.all();
  expect([one?.byteLength, two?.byteLength, others]).toEqual([32, 32, []]);
  expect(one).not.toEqual(two);
  const swapped = new SessionKeys(join(folder, 'keys'), clock, silentLogger);
  await write(`${second}\n${first}`);
  expect(await swapped.all()).toEqual([two, one]);
});

test('the file is read again after half a minute; without it, there is no key', async () => {
  expect(await keys.all()).toEqual([]);
  await write(first);
  expect(await keys.all()).toEqual([]);
  await clock.advance(30_000);
  expect(await keys.all()).toHaveLength(1);
  await rm(join(folder, 'keys'));
  await clock.advance(30_000);
  expect(await keys.all()).toEqual([]);
});

test('a file that is endless or full of keys is bounded', async () => {
  await write(`${first}\n`.repeat(10_000));
  expect((await keys.all()).length).toBeLessThan(10);
});
