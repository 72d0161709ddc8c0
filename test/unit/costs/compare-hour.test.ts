import { expect, test } from '@jest/globals';
import { compareHour, gigabytesPerHour } from '../../../src/costs/compare-hour.ts';
import { builtInPrices } from '../../../src/costs/list-prices.ts';
import { hourlyRates } from '../../../src/costs/viewer-prices.ts';

const { agoraHost } = builtInPrices.common;
const ivs = hourlyRates(builtInPrices, { platform: { provider: 'ivs' }, resolution: '720p' });

test('an hour with 100 viewers at 720p: $24.00 on Agora, and 60% less on IVS, host and relay included', () => {
  if (ivs === undefined) throw new Error('the book has no prices of IVS');
  const hours = compareHour([['ivs', ivs]], agoraHost, [100]);
  // Agora: 100 viewers at 0.2394 and the host at 0.0594. IVS: host, relay 0.2394 + 0.08 + 2.00, 100 viewers at 0.072.
  expect(hours).toEqual([
    { where: 'agora', viewers: 100, microDollars: 23_999_400, saved: 0 },
    { where: 'ivs', viewers: 100, microDollars: 9_578_800, saved: 1 - 9_578_800 / 23_999_400 },
  ]);
});

test('without viewers, the relay costs more than Agora alone', () => {
  if (ivs === undefined) throw new Error('the book has no prices of IVS');
  const [, hls] = compareHour([['ivs', ivs]], agoraHost, [0]);
  expect(hls?.saved).toBeLessThan(0);
  expect(compareHour([['ivs', ivs]], 0, [0])[1]).toMatchObject({ saved: 0 });
});

test('without platforms there is nothing to compare', () => {
  expect(compareHour([], agoraHost, [100])).toEqual([]);
});

test('a viewer of 2.5 Mbit/s receives 1.125 GB in an hour', () => {
  expect(gigabytesPerHour(2_500)).toBe(1.125);
});
