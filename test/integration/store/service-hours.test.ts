import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { openStore } from '../../../src/store/postgres-store.ts';
import type { ServiceHour, Store } from '../../../src/store/store.ts';
import { migratedDatabase } from '../../fixtures/migrated-database.ts';
import { TestPostgres } from '../../fixtures/postgres.ts';

let server: TestPostgres;
let store: Store;
beforeAll(async () => {
  server = await TestPostgres.start();
  store = openStore({ url: await migratedDatabase(server) });
});
afterAll(async () => {
  await store[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
});

const midnight = new Date('2026-11-23T00:00:00Z');
const hour = (count: number): Date => new Date(midnight.getTime() + count * 3_600_000);
const row: ServiceHour = {
  namespace: 'shop',
  channelId: '1',
  hour: hour(-1),
  wantedSeconds: 3_600,
  onAirSeconds: 3_582.5,
  waitingSeconds: 0,
  missingSeconds: 0,
  ingestBytes: 1_125_000_000,
  measuredBytes: 9_007_199_254_740_000,
  estimatedBytes: 0,
  until: hour(0),
  wantedAtEnd: true,
};

test('an hour replaces the one that was written before, and the newest of each channel is found', async () => {
  const next = { ...row, hour: hour(0), until: hour(1), wantedSeconds: 10, onAirSeconds: 5 };
  await store.setServiceHours([row, next, { ...row, channelId: '2' }, { ...row, namespace: 'other' }]);
  await store.setServiceHours([{ ...next, onAirSeconds: 10 }]);
  const found = await store.latestServiceHours(hour(-1));
  expect(found).toEqual([
    { ...row, namespace: 'other' },
    { ...next, onAirSeconds: 10 },
    { ...row, channelId: '2' },
  ]);
  expect(await store.latestServiceHours(hour(1))).toEqual([]);
});

test('hours are summed by channel and by UTC day', async () => {
  const all = await store.serviceSums({ namespace: 'shop', from: hour(-24), to: hour(24) });
  expect(all.map(({ channelId, day, wantedSeconds }) => [channelId, day, wantedSeconds])).toEqual([
    [undefined, hour(-24), 7_200],
    [undefined, hour(0), 10],
    ['1', undefined, 3_610],
    ['2', undefined, 3_600],
  ]);
  const one = await store.serviceSums({ namespace: 'shop', channelId: '2', from: hour(-24), to: hour(0) });
  expect(one).toEqual([
    expect.objectContaining({ day: hour(-24), onAirSeconds: 3_582.5, measuredBytes: row.measuredBytes }),
    expect.objectContaining({ channelId: '2' }),
  ]);
  expect(all[0]?.measuredBytes).toBe(2 * row.measuredBytes);
  expect(await store.serviceSums({ namespace: 'shop', from: hour(48), to: hour(72) })).toEqual([]);
});
