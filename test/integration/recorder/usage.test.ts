import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { SecretText } from '../../../src/base/secret-text.ts';
import type { StreamingPlatform } from '../../../src/api/streaming-platform.ts';
import { builtInPrices } from '../../../src/costs/list-prices.ts';
import { FakeClock } from '../../../src/base/testing/fake-clock.ts';
import { silentLogger } from '../../../src/base/logger.ts';
import { Ledger } from '../../../src/recorder/recording/ledger.ts';
import { UsageKeeper } from '../../../src/recorder/recording/usage-keeper.ts';
import { connect } from '../../../src/store/connect.ts';
import { migrate } from '../../../src/store/migrate.ts';
import { openStore } from '../../../src/store/postgres-store.ts';
import type { CostEntry, Store } from '../../../src/store/store.ts';
import { TestPostgres } from '../../fixtures/postgres.ts';
import { aChannel } from '../../support/channel/channel-examples.ts';

let database: TestPostgres;
let store: Store;
beforeAll(async () => {
  database = await TestPostgres.start();
  const url = () => new SecretText(database.url);
  await using db = connect({ url, poolSize: 1, connectTimeoutMs: 5_000, statementTimeoutMs: 30_000 });
  await migrate(db, { ownSchema: false });
  store = openStore({ url });
}, 60_000);
afterAll(async () => {
  await store[Symbol.asyncDispose]();
  await database[Symbol.asyncDispose]();
});

test('what the platform has delivered is in the costs of the hour, and in the month that is followed', async () => {
  const clock = new FakeClock(new Date('2026-01-02T13:00:00Z'));
  const hour = new Date('2026-01-02T00:00:00Z');
  const channel = aChannel({ metadata: { uid: 'u', creationTimestamp: '2026-01-01T00:00:00Z' } });
  const key = { namespace: channel.metadata.namespace ?? '', channelId: channel.metadata.name };
  const estimate: CostEntry = {
    ...{ ...key, hour, show: hour, platform: 'mux-eu', line: 'delivery', microDollars: 48_000 },
    ...{ quantity: 3_600, estimated: true, prices: 'built-in', missingSeconds: 60 },
  };
  const ingest = { ...estimate, line: 'ingest', microDollars: 1_500_000 };
  await store.setCosts([estimate, ingest]);
  const ledger = new Ledger(clock, store);
  const month = async (): Promise<number | undefined> => {
    // What is asked for is read at the next turn: the namespace first, then its month.
    for (let turn = 0; turn < 2; turn += 1) {
      ledger.spent(key, 'month', clock.now());
      await ledger.run();
    }
    return ledger.spent(key, 'month', clock.now());
  };
  expect(await month()).toBe(1_548_000);
  const keeper = new UsageKeeper({
    ...{ clock, logger: silentLogger, store, ledger, prices: () => builtInPrices },
    channels: { list: () => [channel] },
    platforms: {
      // As much of one as is looked at.
      list: () => [{ metadata: { name: 'mux-eu' }, spec: { provider: 'mux' } } as StreamingPlatform],
    },
    usageOf: async () => ({
      settledAfterMs: 12 * 3_600_000,
      delivered: async (from) => {
        const owner = { clusterId: 'c', platform: 'mux-eu', channelUid: 'u', channel: 'live/show' };
        return from.getTime() === hour.getTime() ? [{ owner, viewerSeconds: 7_200 }] : [];
      },
    }),
    signal: new AbortController().signal,
  });
  await keeper.run();
  const range = { from: hour, to: clock.now() };
  const settled = { quantity: 7_200, microDollars: 96_000, estimated: false, missingSeconds: 0 };
  expect(await store.costsOf({ ...key, ...range })).toEqual([{ ...estimate, ...settled }, ingest]);
  expect(await month()).toBe(1_596_000);
  expect(await store.spentOf({ ...key, ...range })).toBe(1_596_000);
});
