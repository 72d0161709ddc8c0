import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { Client } from 'pg';
import type { DatabaseUrl } from '../../../src/store/database-url.ts';
import { openStore } from '../../../src/store/postgres-store.ts';
import type { LiveRow, Store } from '../../../src/store/store.ts';
import { migratedDatabase } from '../../fixtures/migrated-database.ts';
import { TestPostgres } from '../../fixtures/postgres.ts';
import { sampleOf } from './sample-of.ts';

let server: TestPostgres;
let database: DatabaseUrl;
let url: string;
let store: Store;
beforeAll(async () => {
  server = await TestPostgres.start();
  database = await migratedDatabase(server);
  url = database().reveal();
  store = openStore({ url: database, statementTimeoutMs: 1_000 });
});
afterAll(async () => {
  await store[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
});
beforeEach(async () => {
  await server.query('delete from livechannel_live_numbers', { url });
});

const row = (difference: Partial<LiveRow> = {}): LiveRow => ({
  ...{ namespace: 'shop', channelId: 'show', at: new Date('2026-11-23T12:00:00.500Z') },
  ...{ agoraViewers: 3, hlsViewers: 0, report: { health: 'good', more: [1, null, '🎥'] } },
  ...difference,
});
const found = (namespace = 'shop') => store.liveNumbers(namespace);
const age = (channelId: string, seconds: number) =>
  server.query(
    'update livechannel_live_numbers set written_at = now() - make_interval(secs => $2) where channel_id = $1',
    { url, values: [channelId, seconds] },
  );

test('the newest row of each channel is read as it was written, by namespace', async () => {
  await store.setLiveNumbers([row(), row({ namespace: 'other', hlsViewers: 9 })]);
  const unknown = { agoraViewers: undefined, hlsViewers: undefined, report: undefined };
  await store.setLiveNumbers([row({ channelId: 'quiet', ...unknown })]);
  await store.setLiveNumbers([row({ hlsViewers: 5_000_000_000 })]);
  const rows = await found();
  expect(rows.toSorted((a, b) => a.channelId.localeCompare(b.channelId))).toEqual([
    { ...row({ channelId: 'quiet', ...unknown }), ageMs: expect.any(Number) },
    { ...row({ hlsViewers: 5_000_000_000 }), ageMs: expect.any(Number) },
  ]);
  expect(await found('other')).toMatchObject([{ hlsViewers: 9 }]);
});

test('the age is that of the last write, whatever the clocks of writer and reader say', async () => {
  await store.setLiveNumbers([row()]);
  await age('show', 4);
  const [old] = await found();
  expect(old?.ageMs).toBeGreaterThanOrEqual(4_000);
  await store.setLiveNumbers([row()]);
  const [fresh] = await found();
  expect(fresh?.ageMs).toBeLessThan(4_000);
});

test('rows of channels that are gone are deleted, and not returned before that', async () => {
  await store.setLiveNumbers([
    row({ channelId: 'gone' }),
    row({ namespace: 'other', channelId: 'gone' }),
    row(),
  ]);
  await age('gone', 11);
  await age('show', 11);
  expect(await found()).toEqual([]);
  await store.setLiveNumbers([row()]);
  expect(await found()).toMatchObject([{ channelId: 'show' }]);
  expect(await server.query('select namespace from livechannel_live_numbers', { url })).toHaveLength(1);
  await age('show', 11);
  await store.setLiveNumbers([]);
  expect(await server.query('select namespace from livechannel_live_numbers', { url })).toEqual([]);
});

test('a write that hangs fails by itself, and other calls do not wait for it', async () => {
  await using narrow = openStore({ url: database, poolSize: 1, statementTimeoutMs: 1_000 });
  await narrow.check();
  const holder = new Client({ connectionString: url });
  await holder.connect();
  try {
    await holder.query('begin; lock table livechannel_live_numbers in access exclusive mode');
    const ended: string[] = [];
    const write = narrow.setLiveNumbers([row()]).catch((error: unknown) => {
      ended.push('live numbers');
      throw error;
    });
    const others = (async () => {
      await narrow.addSamples([sampleOf({ channelId: 'show', at: new Date('2026-11-23T12:00:00Z') })]);
      ended.push('samples');
    })();
    await expect(write).rejects.toMatchObject({ name: 'StoreError', reason: 'Unavailable' });
    await others;
    expect(ended).toEqual(['samples', 'live numbers']);
  } finally {
    await holder.end();
  }
  await narrow.setLiveNumbers([row()]);
  expect(await found()).toHaveLength(1);
});
