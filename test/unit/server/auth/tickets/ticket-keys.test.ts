import { expect, test } from '@jest/globals';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { silentLogger } from '../../../../../src/base/logger.ts';
import { FakeClock } from '../../../../../src/base/testing/fake-clock.ts';
import { readTicketKeys, type TicketKey } from '../../../../../src/server/auth/tickets/ticket-key-files.ts';
import { KEY_SETTLE_MS, signingKey, TicketKeys } from '../../../../../src/server/auth/tickets/ticket-keys.ts';

const keyOf = (id: string, length = 32): TicketKey => ({
  id,
  secret: new Uint8Array(length).fill(id.length),
});

function underTest(first: readonly TicketKey[]) {
  const mounted = { keys: first, failure: undefined as Error | undefined };
  const clock = new FakeClock();
  const errors: string[] = [];
  const logger = { ...silentLogger, error: (_: object, message: string) => void errors.push(message) };
  const read = async (): Promise<readonly TicketKey[]> => {
    if (mounted.failure !== undefined) throw mounted.failure;
    return mounted.keys;
  };
  return { mounted, clock, errors, keys: new TicketKeys(read, clock, logger) };
}
const ids = (keys: readonly TicketKey[]): string[] => keys.map(({ id }) => id);

test('the newest key by name signs: numbers and dates are compared as such', () => {
  const signs = (...names: string[]): string | undefined =>
    signingKey(
      names.map((name) => ({ ...keyOf(name), signsFrom: 0 })),
      0,
    )?.id;
  expect(signs('key-10', 'key-9', 'key-1')).toBe('key-10');
  expect(signs('2026-12-01', '2026-11-29')).toBe('2026-12-01');
  expect(signs()).toBeUndefined();
});

test('a key that is added verifies at once, and signs when every replica has it', async () => {
  const { keys, mounted, clock } = underTest([keyOf('key-1')]);
  expect((await keys.toSign())?.id).toBe('key-1');
  mounted.keys = [keyOf('key-1'), keyOf('key-2')];
  await clock.advance(30_000);
  expect(ids(await keys.all())).toEqual(['key-1', 'key-2']);
  expect((await keys.toSign())?.id).toBe('key-1');
  await clock.advance(KEY_SETTLE_MS);
  expect((await keys.toSign())?.id).toBe('key-2');
  mounted.keys = [keyOf('key-2')];
  await clock.advance(30_000);
  expect(ids(await keys.all())).toEqual(['key-2']);
});

test('where all keys are replaced at once, the new one signs at once', async () => {
  const { keys, mounted, clock } = underTest([keyOf('key-1')]);
  await keys.all();
  mounted.keys = [keyOf('key-2')];
  await clock.advance(30_000);
  expect((await keys.toSign())?.id).toBe('key-2');
});

test('a key that is too short neither signs nor verifies, and the log says so', async () => {
  const { keys, errors } = underTest([keyOf('short', 31), keyOf('key-1')]);
  expect(ids(await keys.all())).toEqual(['key-1']);
  expect(errors).toEqual(['a key of tickets is ignored: it has fewer than 32 bytes']);
});

test('keys that cannot be read for a moment remain valid', async () => {
  const { keys, mounted, clock, errors } = underTest([keyOf('key-1')]);
  await keys.all();
  mounted.failure = new Error('EIO');
  await clock.advance(30_000);
  expect(ids(await keys.all())).toEqual(['key-1']);
  expect(errors).toHaveLength(1);
});

test('the files of a mounted Secret are read as bytes', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'livechannel-keys-'));
  const random = new Uint8Array(32).fill(0xff);
  await writeFile(join(folder, 'key-1'), random);
  await writeFile(join(folder, '..data'), 'of Kubernetes');
  expect(await readTicketKeys(folder)).toEqual([{ id: 'key-1', secret: random }]);
  await rm(folder, { recursive: true });
  expect(await readTicketKeys(folder)).toEqual([]);
});
