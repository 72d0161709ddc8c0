import type { LiveChannel } from '../../api/live-channel.ts';
import type { StreamingPlatform } from '../../api/streaming-platform.ts';
import { effectiveStreamModes, type Resolution } from '../../api/values.ts';
import { agoraViewerPrice, breakEvenViewers, hourlyRates, type Prices } from '../../costs/viewer-prices.ts';
import { agoraLatencySeconds, expectedLatencySeconds } from '../../platforms/expected-latency.ts';
import type { DeliveryOptions } from '../contract/delivery-options.ts';

const MICRO = 1_000_000;
const MINUTES_PER_HOUR = 60;

/** The ways in which buyers can watch a channel on its platform, at list price; null: the platform's prices are unknown. */
export function deliveryOptionsOf(
  channel: LiveChannel,
  platform: StreamingPlatform | undefined,
  resolution: Resolution,
  prices: Prices,
): DeliveryOptions {
  const { latency, recording } = channel.spec.playback;
  const recorded = recording === 'automatic';
  const rates = platform && hourlyRates(prices, { platform: platform.spec, resolution, recorded });
  const onAgora = {
    usdPerThousandViewerMinutes: perThousandMinutes(agoraViewerPrice(prices.common, resolution)),
    usdPerHour: 0,
    delaySeconds: agoraLatencySeconds,
  };
  const onHls = {
    usdPerThousandViewerMinutes: rates === undefined ? null : perThousandMinutes(rates.hlsViewer),
    usdPerHour: rates === undefined ? null : rates.relay / MICRO,
    delaySeconds: expectedLatencySeconds(platform?.spec, latency),
  };
  return {
    options: effectiveStreamModes.map((mode) => ({ mode, ...(mode === 'agora-only' ? onAgora : onHls) })),
    chosen: channel.status?.effectiveStreamMode ?? null,
    breakEvenViewers: (rates && breakEvenViewers(rates)) ?? null,
  };
}

/** US dollars for 1,000 minutes, from micro-dollars per hour. */
const perThousandMinutes = (perHour: number): number =>
  Math.round((perHour * 1_000) / MINUTES_PER_HOUR) / MICRO;
