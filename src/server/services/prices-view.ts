import type { StreamingPlatform } from '../../api/streaming-platform.ts';
import { resolutions } from '../../api/values.ts';
import { breakEvenViewers, hourlyRates, type Prices } from '../../costs/viewer-prices.ts';
import type { PricesView } from '../contract/costs.ts';
import { usd } from './usd.ts';

/** The prices in use, of each platform and resolution. */
export function pricesView(
  prices: Prices,
  platforms: readonly Pick<StreamingPlatform, 'metadata' | 'spec'>[],
): PricesView {
  return {
    version: prices.version,
    agoraHostUsd: usd(prices.common.agoraHost),
    rates: platforms.flatMap(({ metadata, spec }) =>
      resolutions.flatMap((resolution) => {
        const rates = hourlyRates(prices, { platform: spec, resolution });
        if (rates === undefined) return [];
        return [
          {
            platform: metadata.name,
            resolution,
            agoraViewerUsd: usd(rates.agoraViewer),
            hlsViewerUsd: usd(rates.hlsViewer),
            relayUsd: usd(rates.relay),
            breakEvenViewers: breakEvenViewers(rates) ?? null,
          },
        ];
      }),
    ),
  };
}
