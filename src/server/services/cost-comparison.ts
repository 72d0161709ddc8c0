import type { StreamingPlatform } from '../../api/streaming-platform.ts';
import type { Resolution } from '../../api/values.ts';
import type { PriceBook } from '../../costs/price-book.ts';
import { breakEvenViewers } from '../../costs/viewer-prices.ts';
import { sum, type CostHour } from './cost-hours.ts';

/** What the same audience would have cost elsewhere, in micro-dollars; undefined: unknown. */
export interface CostComparison {
  readonly onAgoraAlone: number | undefined;
  readonly onPlatforms: Readonly<Record<string, number>>;
  /** Number of viewers from which Agora alone costs more than the relay, on average over the requested period. */
  readonly breakEvenViewers: number | undefined;
}

/**
 * Compares costs from the ledger. The price of a viewer on Agora is that of the relay, which is one: same prices, same
 * resolution. Other platforms are calculated at list price, with all viewers on HLS. Platforms with unknown prices are
 * left out.
 */
export function compareCosts(
  hours: readonly CostHour[],
  platforms: readonly Pick<StreamingPlatform, 'metadata' | 'spec'>[],
  resolutionOf: (channelId: string) => Resolution,
  prices: PriceBook,
): CostComparison {
  const onPlatforms = Object.fromEntries(
    platforms.flatMap(({ metadata, spec }) => {
      const rates = prices[spec.provider];
      if (rates === undefined) return [];
      const each = hours.map(({ channelId, viewerSeconds, onAirSeconds, relay, host }) => {
        const resolution = resolutionOf(channelId);
        const storage = rates.alwaysRecorded ? rates.storage : 0;
        const fixed = (rates.input(spec, resolution) + storage) * onAirSeconds;
        return host + relay + (fixed + rates.delivery[resolution] * viewerSeconds) / 3_600;
      });
      return [[metadata.name, sum(each)]];
    }),
  );
  return { onAgoraAlone: onAgoraAlone(hours), onPlatforms, breakEvenViewers: breakEven(hours) };
}

function onAgoraAlone(hours: readonly CostHour[]): number | undefined {
  const watched = hours.filter(({ viewerSeconds }) => viewerSeconds > 0);
  if (hours.length === 0 || watched.some(({ agoraRate }) => agoraRate === undefined)) return undefined;
  return sum(hours.map(({ host, viewerSeconds, agoraRate = 0 }) => host + viewerSeconds * agoraRate));
}

/** The smallest N for which N viewers cost more on Agora than the relay's fixed costs and N viewers on HLS. */
function breakEven(hours: readonly CostHour[]): number | undefined {
  const entries = hours.flatMap((hour) => hour.entries);
  const of = (...lines: readonly string[]): { readonly cost: number; readonly quantity: number } => {
    const found = entries.filter(({ line }) => lines.includes(line));
    return {
      cost: sum(found.map(({ microDollars }) => microDollars)),
      quantity: sum(found.map(({ quantity }) => quantity)),
    };
  };
  const [relay, delivery] = [of('agora-relay'), of('delivery')];
  if (relay.quantity === 0 || delivery.quantity === 0) return undefined;
  return breakEvenViewers({
    agoraViewer: relay.cost / relay.quantity,
    relay: (relay.cost + of('ingest', 'storage', 'pod').cost) / relay.quantity,
    hlsViewer: delivery.cost / delivery.quantity,
  });
}
