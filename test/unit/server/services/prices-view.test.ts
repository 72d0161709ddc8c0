import { expect, test } from '@jest/globals';
import { builtInPrices } from '../../../../src/costs/list-prices.ts';
import { pricesViewSchema } from '../../../../src/server/contract/costs.ts';
import { pricesView } from '../../../../src/server/services/prices-view.ts';
import { aCachedPlatform } from '../../../support/server/cached-platform.ts';

test('each platform with a price has one for each resolution, with the break-even of the documentation', () => {
  const platforms = [
    aCachedPlatform('mux', { provider: 'mux', mux: {} }),
    aCachedPlatform('rtmp', { provider: 'rtmp', rtmp: {} }),
  ];
  const view = pricesViewSchema.parse(pricesView(builtInPrices, platforms));
  expect(view.version).toBe(builtInPrices.version);
  expect(
    view.rates.map((each) => [each.platform, each.resolution, each.hlsViewerUsd, each.breakEvenViewers]),
  ).toEqual([
    ['mux', '480p', '0.048000', 10],
    ['mux', '720p', '0.048000', 10],
    ['mux', '1080p', '0.060000', 6],
  ]);
});
