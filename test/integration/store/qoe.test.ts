import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { latencyBuckets, startupBuckets } from '../../../src/api/qoe-buckets.ts';
import { openStore } from '../../../src/store/postgres-store.ts';
import type { QoeRow, QoeSums, Store } from '../../../src/store/store.ts';
import { migratedDatabase } from '../../fixtures/migrated-database.ts';
import { TestPostgres } from '../../fixtures/postgres.ts';

let server: TestPostgres;
let store: Store;
beforeAll(async () => {
  server = await TestPostgres.start();
  store = openStore({
    url: await migratedDatabase(server),
    retention: { ...{ sampleDays: 7, minuteDays: 1, hourDays: undefined, auditDays: undefined }, ...kept },
  });
});
afterAll(async () => {
  await store[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
});

const kept = { alertDays: undefined, costDays: undefined };
const midnight = Date.parse('2026-11-23T00:00:00Z');
const minute = (count: number): Date => new Date(midnight + count * 60_000);
const histogram = (length: number, values: Record<number, number>): number[] =>
  Array.from({ length: length + 1 }, (_, place) => values[place] ?? 0);

function sums(difference: Partial<QoeSums> = {}): QoeSums {
  return {
    startups: histogram(startupBuckets.length, { 0: 1, 11: 2 }),
    latencies: histogram(latencyBuckets.length, { 4: 1.5 }),
    ...{ playing: 30.5, stalled: 1.25, stalls: 2, frames: 900, dropped: 3, fatal: 1 },
    ...{ starts: 1, carried: 4, carriedReporters: 2 },
    ...difference,
  };
}
const row = (difference: Partial<QoeRow> = {}): QoeRow => ({
  ...{ channelId: 'show', at: minute(0), platform: 'ivs-eu', browser: 'chrome', sums: sums() },
  ...difference,
});
const read = (namespace: string, stepSeconds = 60, replica = 'a') =>
  store.qoe({ namespace, channelId: 'show', from: minute(0), to: minute(10), stepSeconds, replica });

test('what two replicas add is summed, and a repeated batch counts once', async () => {
  const batch = { namespace: 'shop', replica: 'a', batch: 1, rows: [row(), row({ channelId: 'other' })] };
  await store.addQoe(batch);
  await store.addQoe(batch);
  await store.addQoe({ ...batch, replica: 'b', rows: [row(), row({ platform: undefined })] });
  const { rows, batch: newest } = await read('shop');
  expect(newest).toBe(1);
  expect(rows).toEqual([
    row({ platform: undefined }),
    row({
      sums: {
        startups: histogram(startupBuckets.length, { 0: 2, 11: 4 }),
        latencies: histogram(latencyBuckets.length, { 4: 3 }),
        ...{ playing: 61, stalled: 2.5, stalls: 4, frames: 1_800, dropped: 6, fatal: 2 },
        ...{ starts: 2, carried: 8, carriedReporters: 4 },
      },
    }),
  ]);
  expect(await read('empty')).toEqual({ rows: [], batch: 0 });
  expect((await read('shop', 60, 'c')).batch).toBe(0);
});

test('a longer step sums its minutes, and counts those who stay once', async () => {
  const rows = [0, 1, 2].map((count) => row({ at: minute(count), sums: sums({ carried: 4 + count }) }));
  await store.addQoe({ namespace: 'steps', replica: 'a', batch: 1, rows });
  const step = (await read('steps', 600)).rows;
  expect(step).toHaveLength(1);
  expect(step[0]).toMatchObject({ at: minute(0), sums: { starts: 3, carried: 4, playing: 91.5 } });
});

test('batches of replicas that write at the same time are all added', async () => {
  const rows = Array.from({ length: 50 }, (_, count) =>
    row({ at: minute(count % 10), browser: `b${count}` }),
  );
  const replicas = ['a', 'b', 'c', 'd'];
  const order = (replica: string) => (replica > 'b' ? [...rows].reverse() : rows);
  await Promise.all(
    replicas.map((replica) => store.addQoe({ namespace: 'race', replica, batch: 1, rows: order(replica) })),
  );
  const found = (await read('race')).rows;
  expect(found).toHaveLength(50);
  expect(new Set(found.map(({ sums: { starts } }) => starts))).toEqual(new Set([replicas.length]));
});

test('replicas see the players of each other, and not their own', async () => {
  const players = (connected: number) => [{ channelId: 'show', connected, watching: connected / 2 }];
  expect(await store.exchangeQoePlayers('shop', 'a', players(10))).toEqual([]);
  await store.exchangeQoePlayers('other', 'x', players(99));
  await store.exchangeQoePlayers('shop', 'b', players(5));
  const [seen, ...more] = await store.exchangeQoePlayers('shop', 'c', []);
  expect(more).toEqual([]);
  expect(seen).toMatchObject({ channelId: 'show', connected: 15, watching: 7.5 });
  expect(seen?.ageSeconds).toBeGreaterThanOrEqual(0);
  expect(await store.exchangeQoePlayers('shop', 'b', players(1))).toMatchObject([{ connected: 10 }]);
});

test('upkeep deletes minutes that are older than the retention of minutes', async () => {
  await store.addQoe({ namespace: 'old', replica: 'a', batch: 1, rows: [row()] });
  await store.upkeep(new Date(midnight + 86_400_000));
  expect((await read('old')).rows).toHaveLength(1);
  await store.upkeep(new Date(midnight + 3 * 86_400_000));
  expect((await read('old')).rows).toEqual([]);
});
