import { expect, test } from '@jest/globals';
import { silentLogger } from '../../../../../src/base/logger.ts';
import { FakeClock } from '../../../../../src/base/testing/fake-clock.ts';
import { QoeRecords, type QoeStore } from '../../../../../src/server/services/qoe/qoe-records.ts';
import { sumsOf } from '../../../../../src/server/services/qoe/qoe-sums.ts';
import { StoreError } from '../../../../../src/store/errors.ts';
import type { QoeBatch } from '../../../../../src/store/store.ts';
import { aQoeReport } from '../../../../support/server/qoe-reports.ts';

/** A database that adds batches as the real one does, and fails as a test says. */
class FakeStore implements QoeStore {
  readonly batches: QoeBatch[] = [];
  /** before: nothing is written. after: it is written, and the answer is lost. */
  failure: 'before' | 'after' | undefined;
  published: readonly { readonly channelId: string; readonly connected: number }[] = [];
  others = [{ channelId: 'show', connected: 7, watching: 3, ageSeconds: 4 }];

  addQoe: QoeStore['addQoe'] = async (batch) => {
    const isNew = this.batches.every((one) => one.batch !== batch.batch);
    if (this.failure !== 'before' && isNew) this.batches.push(batch);
    if (this.failure !== undefined) throw new StoreError('Unavailable', 'away');
  };

  qoe: QoeStore['qoe'] = async ({ channelId }) => ({
    rows: this.batches.flatMap(({ rows }) => rows.filter((row) => row.channelId === channelId)),
    batch: this.batches.at(-1)?.batch ?? 0,
  });

  exchangeQoePlayers: QoeStore['exchangeQoePlayers'] = async (_namespace, _replica, own) => {
    this.published = own;
    return this.others;
  };
}

function underTest(store: FakeStore | undefined = new FakeStore()) {
  const clock = new FakeClock();
  let players = [{ channelId: 'show', connected: 2, watching: 1 }];
  const records = new QoeRecords({
    ...{ store, namespace: 'shop', replica: 'a', clock, logger: silentLogger },
    players: () => players,
  });
  const add = (channelId = 'show') => {
    records.add(
      { channelId, platform: 'ivs-eu', browser: 'chrome' },
      sumsOf(aQoeReport(), { weight: 1, place: 'start' }),
    );
  };
  const starts = async (): Promise<number> => {
    const now = clock.now().getTime();
    const period = { from: new Date(now - 3_600_000), to: new Date(now + 1), stepSeconds: 60 };
    return (await records.rows('show', period)).reduce((sum, row) => sum + row.sums.starts, 0);
  };
  const stop = new AbortController();
  const running = records.run(stop.signal);
  const end = async (): Promise<void> => {
    stop.abort();
    await running;
  };
  const leave = (): void => {
    players = [];
  };
  return { clock, records, store, add, starts, end, leave };
}

test('a report is in the figures at once, once, before and after it is written', async () => {
  const { clock, add, starts, store, end } = underTest();
  add();
  expect(await starts()).toBe(1);
  await clock.advance(60_000);
  expect(store.batches).toHaveLength(1);
  expect(await starts()).toBe(1);
  add();
  expect(await starts()).toBe(2);
  await end();
  expect(store.batches).toHaveLength(2);
});

test.each(['before', 'after'] as const)(
  'an outage of the database loses no report and doubles none (%s the write)',
  async (failure) => {
    const { clock, add, starts, store, end } = underTest();
    store.failure = failure;
    add();
    await clock.advance(61_000);
    add();
    expect(await starts()).toBe(2);
    store.failure = undefined;
    await clock.advance(120_000);
    expect(await starts()).toBe(2);
    await end();
    expect(store.batches.flatMap(({ rows }) => rows).reduce((sum, row) => sum + row.sums.starts, 0)).toBe(2);
  },
);

test('a read that began before a write and ends after it has everything', async () => {
  const { clock, add, starts, store, end } = underTest();
  const found = Promise.withResolvers<Awaited<ReturnType<QoeStore['qoe']>>>();
  store.qoe = () => found.promise;
  add();
  const reading = starts();
  await clock.advance(60_000);
  expect(store.batches).toHaveLength(1);
  found.resolve({ rows: [], batch: 0 });
  expect(await reading).toBe(1);
  await end();
});

test('replicas exchange their players, with the age of the numbers, and a channel without any leaves', async () => {
  const { clock, records, store, end, leave } = underTest();
  expect(records.elsewhere('show')).toBeUndefined();
  await clock.advance(0);
  expect(store.published).toEqual([{ channelId: 'show', connected: 2, watching: 1 }]);
  await clock.advance(5_000);
  expect(records.elsewhere('show')).toEqual({ connected: 7, watching: 3, ageSeconds: 9 });
  expect(records.elsewhere('other')).toEqual({ connected: 0, watching: 0, ageSeconds: 0 });
  leave();
  await clock.advance(10_000);
  expect(store.published).toEqual([{ channelId: 'show', connected: 0, watching: 0 }]);
  await clock.advance(10_000);
  expect(store.published).toEqual([]);
  store.exchangeQoePlayers = () => Promise.reject(new StoreError('Unavailable', 'away'));
  await clock.advance(70_000);
  expect(records.elsewhere('show')).toBeUndefined();
  await end();
});

test('without a database, the last hour is in memory', async () => {
  const clock = new FakeClock();
  const records = new QoeRecords({
    ...{ store: undefined, namespace: 'shop', replica: 'a', clock, logger: silentLogger, players: () => [] },
  });
  await records.run(new AbortController().signal);
  records.add(
    { channelId: 'show', platform: undefined, browser: 'chrome' },
    sumsOf(aQoeReport(), { weight: 1, place: 'start' }),
  );
  const period = { from: new Date(0), to: new Date(clock.now().getTime() + 1), stepSeconds: 60 };
  expect(await records.rows('show', period)).toHaveLength(1);
  expect(records.elsewhere('show')?.connected).toBe(0);
});
