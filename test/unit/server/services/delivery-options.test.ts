import { expect, test } from '@jest/globals';
import { builtInPrices } from '../../../../src/costs/list-prices.ts';
import { deliveryOptionsSchema } from '../../../../src/server/contract/delivery-options.ts';
import { deliveryOptionsOf } from '../../../../src/server/services/delivery-options.ts';
import { aCachedChannel } from '../../../support/server/cached-channel.ts';
import { aCachedPlatform } from '../../../support/server/cached-platform.ts';

const mux = aCachedPlatform('mux', { provider: 'mux', mux: {} });
const rtmp = aCachedPlatform('rtmp', {
  provider: 'rtmp',
  rtmp: {},
});

function options(
  platform: typeof mux | undefined,
  difference: Parameters<typeof aCachedChannel>[1] = {},
  resolution: '720p' | '1080p' = '720p',
) {
  const channel = aCachedChannel('show', difference);
  return deliveryOptionsSchema.parse(deliveryOptionsOf(channel, platform, resolution, builtInPrices));
}

test('each mode has its price and its delay, and one of them is in use', () => {
  expect(options(mux)).toEqual({
    options: [
      { mode: 'agora-only', usdPerThousandViewerMinutes: 3.99, usdPerHour: 0, delaySeconds: 0.5 },
      // One more viewer watches on HLS; the relay is paid for in both modes.
      { mode: 'hybrid', usdPerThousandViewerMinutes: 0.8, usdPerHour: expect.any(Number), delaySeconds: 28 },
      {
        mode: 'hls-only',
        usdPerThousandViewerMinutes: 0.8,
        usdPerHour: expect.any(Number),
        delaySeconds: 28,
      },
    ],
    chosen: 'hybrid',
    breakEvenViewers: expect.any(Number),
  });
});

test('from the number of viewers that it names, HLS costs less than Agora', () => {
  const { options: all, breakEvenViewers } = options(mux);
  const costs = (mode: string, viewers: number): number => {
    const found = all.find((each) => each.mode === mode);
    return (found?.usdPerHour ?? NaN) + (viewers * 60 * (found?.usdPerThousandViewerMinutes ?? NaN)) / 1_000;
  };
  const from = breakEvenViewers ?? NaN;
  expect(costs('hls-only', from)).toBeLessThan(costs('agora-only', from));
  expect(costs('hls-only', from - 1)).toBeGreaterThanOrEqual(costs('agora-only', from - 1));
});

test('the delay is that of the setting, and the price that of the resolution', () => {
  const low = options(mux, { spec: { playback: { latency: 'low' } } }, '1080p');
  expect(low.options[2]).toMatchObject({ delaySeconds: 7, usdPerThousandViewerMinutes: 1 });
  expect(low.options[0]).toMatchObject({ usdPerThousandViewerMinutes: 8.99 });
});

test.each([
  ['of a platform without known prices', rtmp],
  ['without a platform', undefined],
])('prices %s are null, and that of Agora is known', (_, platform) => {
  const found = options(platform, { status: { effectiveStreamMode: undefined } });
  expect(found).toMatchObject({ chosen: null, breakEvenViewers: null });
  expect(found.options[0]).toMatchObject({ usdPerThousandViewerMinutes: 3.99 });
  expect(found.options[2]).toMatchObject({ usdPerThousandViewerMinutes: null, usdPerHour: null });
});
