import { beforeEach, expect, test } from '@jest/globals';
import type { StreamingPlatform } from '../../../../src/api/streaming-platform.ts';
import { builtInPrices } from '../../../../src/costs/list-prices.ts';
import { FakeClock } from '../../../../src/base/testing/fake-clock.ts';
import { PlatformError } from '../../../../src/platforms/errors.ts';
import type { Delivered } from '../../../../src/platforms/platform.ts';
import { UsageKeeper } from '../../../../src/recorder/recording/usage-keeper.ts';
import type { CostEntry, CostQuery } from '../../../../src/store/store.ts';
import { aChannel } from '../../../support/channel/channel-examples.ts';

const hourMs = 3_600_000;
const midnight = new Date('2026-01-01T00:00:00Z');
const platform = {
  metadata: { name: 'mux-eu', uid: 'platform-uid' },
  spec: { provider: 'mux' },
} as StreamingPlatform; // as much of one as is looked at
const channel = aChannel({ metadata: { uid: 'u', creationTimestamp: '2025-12-31T23:00:00Z' } });

let clock: FakeClock;
let rows: CostEntry[];
let writes: number;
let asked: Date[];
let delivered: () => readonly Delivered[];
let warnings: unknown[];
let corrections: number[];
let keeper: UsageKeeper;

const estimate = (difference: Partial<CostEntry> = {}): CostEntry => ({
  ...{ namespace: channel.metadata.namespace ?? '', channelId: channel.metadata.name, hour: midnight },
  ...{ show: midnight, platform: 'mux-eu', line: 'delivery', quantity: 3_600, microDollars: 48_000 },
  ...{ estimated: true, prices: 'built-in', missingSeconds: 0, ...difference },
});
const seconds = (viewerSeconds: number, channelUid = 'u', its = 'mux-eu'): Delivered => ({
  owner: { clusterId: 'c', platform: its, channelUid, channel: 'shop/show' },
  viewerSeconds,
});

function newKeeper(): UsageKeeper {
  return new UsageKeeper({
    clock,
    logger: {
      ...{ debug: () => undefined, info: () => undefined, error: () => undefined },
      warn: (fields: object) => warnings.push(fields),
      child: () => {
        throw new Error('not asked for');
      },
    },
    store: {
      costsOf: async ({ namespace, from, to }: CostQuery) =>
        rows.filter((row) => row.namespace === namespace && row.hour >= from && row.hour < to),
      setCosts: async (entries) => {
        writes += 1;
        for (const entry of entries) {
          const index = rows.findIndex(({ show, line }) => +show === +entry.show && line === entry.line);
          rows[index] = entry;
        }
      },
    },
    ledger: { correct: (_entry, by) => corrections.push(by) },
    channels: { list: () => [channel] },
    platforms: { list: () => [platform] },
    usageOf: async () => ({
      settledAfterMs: 12 * hourMs,
      delivered: async (from) => {
        asked.push(from);
        return +from === +midnight ? delivered() : [];
      },
    }),
    prices: () => builtInPrices,
    signal: new AbortController().signal,
  });
}

beforeEach(() => {
  clock = new FakeClock(midnight);
  rows = [estimate(), estimate({ line: 'ingest', quantity: 3_600, microDollars: 1_500_000 })];
  writes = 0;
  asked = [];
  warnings = [];
  corrections = [];
  delivered = () => [seconds(7_200), seconds(1, 'somebody'), seconds(1, 'u', 'mux-us')];
  keeper = newKeeper();
});

test('an hour is asked for once its figures are whole, and once', async () => {
  await clock.advance(13 * hourMs - 1);
  await keeper.run();
  expect(asked).not.toContainEqual(midnight);
  await clock.advance(1);
  await keeper.run();
  await keeper.run();
  expect(asked.filter((each) => +each === +midnight)).toHaveLength(1);
  expect(rows).toMatchObject([
    { line: 'delivery', quantity: 7_200, microDollars: 96_000, estimated: false },
    { line: 'ingest', microDollars: 1_500_000, estimated: true },
  ]);
  expect(corrections).toEqual([48_000]);
});

test('what another leader has done is left as it is', async () => {
  await clock.advance(13 * hourMs);
  await keeper.run();
  delivered = () => [seconds(1)];
  await newKeeper().run();
  expect([writes, rows[0]?.quantity]).toEqual([1, 7_200]);
});

test('of an earlier channel of that name nothing is known', async () => {
  rows = [estimate({ show: new Date('2025-12-31T22:30:00Z') })];
  await clock.advance(13 * hourMs);
  await keeper.run();
  expect([writes, rows[0]?.estimated]).toEqual([0, true]);
});

test('a platform that does not tell is named once, asked again, and what it says then is taken', async () => {
  await clock.advance(13 * hourMs);
  const told = delivered;
  delivered = () => {
    throw new PlatformError('PermissionDenied', 'the token may not read usage', { retryable: false });
  };
  await keeper.run();
  await keeper.run();
  expect(warnings).toEqual([{ platform: 'mux-eu', reason: 'PermissionDenied' }]);
  expect(rows[0]?.estimated).toBe(true);
  delivered = told;
  await keeper.run();
  expect(rows[0]?.estimated).toBe(false);
});
