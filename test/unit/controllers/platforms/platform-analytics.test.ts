import { expect, test } from '@jest/globals';
import { PlatformAnalytics } from '../../../../src/controllers/platforms/platform-analytics.ts';
import { FakeClock } from '../../../../src/base/testing/fake-clock.ts';
import { streamId } from '../../../../src/platforms/platform.ts';

const id = streamId('s-1');
const withViewers = (viewers: number | undefined) =>
  new Map([[id, { viewers, ingestBitrateKbps: undefined }]]);

test('analytics are kept until newer ones arrive, or until they are too old', async () => {
  const clock = new FakeClock();
  const analytics = new PlatformAnalytics(clock, 60_000);
  expect(analytics.of('ivs', id)).toBeUndefined();
  analytics.note('ivs', withViewers(5));
  await clock.advance(60_000);
  expect(analytics.of('ivs', id)?.viewers).toBe(5);
  expect(analytics.of('mux', id)).toBeUndefined();
  await clock.advance(1);
  expect(analytics.of('ivs', id)).toBeUndefined();
});

test('unknown stays unknown, and a stream off air is not one without viewers', () => {
  const analytics = new PlatformAnalytics(new FakeClock(), 60_000);
  analytics.note('ivs', withViewers(undefined));
  expect(analytics.of('ivs', id)?.viewers).toBeUndefined();
  analytics.note('ivs', new Map());
  expect(analytics.of('ivs', id)).toBeUndefined();
  analytics.note('ivs', withViewers(0));
  expect(analytics.of('ivs', id)?.viewers).toBe(0);
  analytics.forget('ivs');
  expect(analytics.of('ivs', id)).toBeUndefined();
});
