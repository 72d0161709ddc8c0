import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { OriginStreamSpec } from '../../../src/api/origin-contract.ts';
import { SecretText } from '../../../src/base/secret-text.ts';
import { StreamRegistry } from '../../../src/origin/stream-registry.ts';

const master = new SecretText('a master secret that is long enough');
const now = new Date('2026-01-01T00:00:00Z');
const spec = (keyVersion: number): OriginStreamSpec => ({ keyVersion, tags: {}, access: 'public' });
let folder: string;
let file: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'registry-'));
  file = join(folder, 'state', 'streams.json');
});
afterEach(() => rm(folder, { recursive: true }));

test('a stream is known after a restart, with the same key', async () => {
  const registry = await StreamRegistry.open(file, master);
  const stream = await registry.put('lc-1', { ...spec(1), tags: { cluster: 'c' } }, now);
  const again = (await StreamRegistry.open(file, master)).findByKey(stream.streamKey.reveal());
  expect(again).toMatchObject({ id: 'lc-1', tags: { cluster: 'c' }, createdAt: now.toISOString() });
});

test('a signed stream is signed after a restart, and a stream of an older version is public', async () => {
  const registry = await StreamRegistry.open(file, master);
  await registry.put('lc-1', { ...spec(1), access: 'signed' }, now);
  expect((await StreamRegistry.open(file, master)).get('lc-1')?.access).toBe('signed');
  const old = { keyVersion: 1, tags: {}, createdAt: now.toISOString() };
  await writeFile(file, JSON.stringify({ streams: { 'lc-2': old } }));
  expect((await StreamRegistry.open(file, master)).get('lc-2')?.access).toBe('public');
});

test('the file contains no key', async () => {
  const registry = await StreamRegistry.open(file, master);
  const stream = await registry.put('lc-1', spec(1), now);
  expect(await readFile(file, 'utf8')).not.toContain(stream.streamKey.reveal());
  expect(await readdir(join(folder, 'state'))).toEqual(['streams.json']);
});

test('another key version results in another key, and the old one is unknown', async () => {
  const registry = await StreamRegistry.open(file, master);
  const first = await registry.put('lc-1', spec(1), now);
  const second = await registry.put('lc-1', spec(2), new Date(now.getTime() + 1000));
  expect(registry.findByKey(first.streamKey.reveal())).toBeUndefined();
  expect(registry.findByKey(second.streamKey.reveal())).toMatchObject({
    id: 'lc-1',
    createdAt: first.createdAt,
  });
  expect(second.playbackId).toBe(first.playbackId);
});

test('after its file was lost, the same put results in the same key and playback id', async () => {
  const stream = await (await StreamRegistry.open(file, master)).put('lc-1', spec(3), now);
  await rm(file);
  const again = await (await StreamRegistry.open(file, master)).put('lc-1', spec(3), now);
  expect(again.streamKey.reveal()).toBe(stream.streamKey.reveal());
  expect(again.playbackId).toBe(stream.playbackId);
});

test('a deleted stream stays deleted', async () => {
  const registry = await StreamRegistry.open(file, master);
  const stream = await registry.put('lc-1', spec(1), now);
  await registry.delete('lc-1');
  await registry.delete('never-was');
  expect(registry.findByKey(stream.streamKey.reveal())).toBeUndefined();
  expect((await StreamRegistry.open(file, master)).list()).toEqual([]);
});

test('many concurrent puts are all stored on disk', async () => {
  const registry = await StreamRegistry.open(file, master);
  const ids = Array.from({ length: 30 }, (_, index) => `lc-${index}`);
  await Promise.all(ids.map((id) => registry.put(id, spec(1), now)));
  expect((await StreamRegistry.open(file, master)).list().map(({ id }) => id)).toEqual(ids);
});

test('a file that is not a state file fails the start, with the remedy', async () => {
  await StreamRegistry.open(file, master);
  await writeFile(file, '{"streams": 1}');
  await expect(StreamRegistry.open(file, master)).rejects.toThrow(
    /streams\.json is not a state file.*Delete it/,
  );
});
