import { expect, test } from '@jest/globals';
import { silentLogger } from '../../../../src/base/logger.ts';
import { FakeClock } from '../../../../src/base/testing/fake-clock.ts';
import { Freshness } from '../../../../src/server/cache/freshness.ts';
import { LatestNumbers } from '../../../../src/server/cache/latest-numbers.ts';
import type { Sample } from '../../../../src/store/store.ts';

const sample = (at: Date, hlsViewers: number): Sample => ({
  namespace: 'shop',
  channelId: 'show',
  at,
  agoraViewers: undefined,
  hlsViewers,
  bitrateKbps: undefined,
  relayHealth: undefined,
  relayStatus: 'active',
  platform: 'origin',
  afterGap: false,
});

test('a sample is valid for a minute, and unknown afterwards', async () => {
  const clock = new FakeClock();
  let samples: readonly Sample[] | Error = [sample(clock.now(), 7)];
  const numbers = new LatestNumbers({
    store: {
      latestSamples: async () => {
        if (samples instanceof Error) throw samples;
        return samples;
      },
    },
    namespace: 'shop',
    clock,
    logger: silentLogger,
  });
  const notified: (readonly string[])[] = [];
  numbers.subscribe((ids) => notified.push(ids));
  const stop = new AbortController();
  const running = numbers.run(stop.signal);
  await clock.advance(5_000);
  expect(numbers.of('show')?.hlsViewers).toBe(7);
  expect(numbers.of('another')).toBeUndefined();
  samples = new Error('away');
  await clock.advance(50_000);
  expect(numbers.of('show')?.hlsViewers).toBe(7);
  expect(numbers.ageSeconds()).toBeGreaterThan(45);
  await clock.advance(10_000);
  expect(numbers.of('show')).toBeUndefined();
  samples = [sample(clock.now(), 7)];
  await clock.advance(5_000);
  expect(numbers.of('show')?.hlsViewers).toBe(7);
  // The same sample again is no change.
  expect(notified).toEqual([['show']]);
  stop.abort();
  await running;
});

test('a watch that is restored is healthy; one that fails repeatedly is broken since the first failure', async () => {
  const clock = new FakeClock();
  const freshness = new Freshness(clock);
  const observer = freshness.observer();
  expect(freshness.brokenSeconds()).toBe(0);
  observer.failed();
  await clock.advance(30_000);
  observer.failed();
  await clock.advance(5_000);
  expect(freshness.brokenSeconds()).toBe(35);
  observer.size(3);
  expect(freshness.brokenSeconds()).toBe(0);
  observer.failed();
  await clock.advance(61_000); // It was opened again, and nothing has happened since.
  expect(freshness.brokenSeconds()).toBe(0);
});
