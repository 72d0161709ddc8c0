import { expect, test } from '@jest/globals';
import { RateMeter } from '../../../../src/relay/media/rate-meter.ts';

test('counts events within the window', () => {
  const meter = new RateMeter(5_000);
  for (let ms = 0; ms <= 20_000; ms += 40) meter.add(ms, 100);
  expect(meter.perSecond(20_000)).toEqual({ count: 25, size: 2_500 });
  expect(meter.perSecond(22_500).count).toBeCloseTo(12.5, 0);
  expect(meter.perSecond(30_000)).toEqual({ count: 0, size: 0 });
});

test('returns the rate of a stream that has just begun', () => {
  const meter = new RateMeter(5_000);
  for (let ms = 60_000; ms < 62_000; ms += 40) meter.add(ms, 100);
  expect(meter.perSecond(62_000).count).toBeCloseTo(25);
});

test('a single event has no rate', () => {
  const meter = new RateMeter(5_000);
  meter.add(1_000, 100);
  expect(meter.perSecond(1_000).count).toBe(1);
});
