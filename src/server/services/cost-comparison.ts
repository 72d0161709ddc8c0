import type { StreamingPlatform } from '../../api/streaming-platform.ts';
import type { Resolution } from '../../api/values.ts';
import type { PriceBook } from '../../costs/price-book.ts';
import { breakEvenViewers } from '../../costs/viewer-prices.ts';
import type { CostEntry } from '../../store/store.ts';

/** What the same audience would have cost elsewhere, in micro-dollars; undefined: unknown. */
export interface CostComparison {
  readonly onAgoraAlone: number | undefined;
  readonly onPlatforms: Readonly<Record<string, number>>;
  /** Number of viewers from which Agora alone costs more than the relay, on average over the requested period. */
  readonly breakEvenViewers: number | undefined;
}

/** Usage and costs of one channel in one hour. */
interface Hour {
  readonly channelId: string;
  readonly viewerSeconds: number;
  readonly onAirSeconds: number;
  /** Micro-dollars per viewer-second on Agora, at that hour's prices and resolution. */
  readonly agoraRate: number | undefined;
  /** Micro-dollars for the relay on Agora and its pod, which do not depend on the platform. */
  readonly relay: number;
  /** Micro-dollars for the host on Agora, wherever the viewers are. */
  readonly host: number;
}

/**
 * Compares costs from the ledger. The price of a viewer on Agora is that of the relay, which is one: same prices, same
 * resolution. Other platforms are calculated at list price, with all viewers on HLS. Platforms with unknown prices are
 * left out.
 */
export function compareCosts(
  entries: readonly CostEntry[],
  platforms: readonly Pick<StreamingPlatform, 'metadata' | 'spec'>[],
  resolutionOf: (channelId: string) => Resolution,
  prices: PriceBook,
): CostComparison {
  const hours = hoursOf(entries);
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
  return { onAgoraAlone: onAgoraAlone(hours), onPlatforms, breakEvenViewers: breakEven(entries) };
}

function onAgoraAlone(hours: readonly Hour[]): number | undefined {
  const watched = hours.filter(({ viewerSeconds }) => viewerSeconds > 0);
  if (hours.length === 0 || watched.some(({ agoraRate }) => agoraRate === undefined)) return undefined;
  return sum(hours.map(({ host, viewerSeconds, agoraRate = 0 }) => host + viewerSeconds * agoraRate));
}

/** The smallest N for which N viewers cost more on Agora than the relay's fixed costs and N viewers on HLS. */
function breakEven(entries: readonly CostEntry[]): number | undefined {
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

function hoursOf(entries: readonly CostEntry[]): readonly Hour[] {
  const groups = Map.groupBy(entries, ({ channelId, hour }) => JSON.stringify([channelId, hour.getTime()]));
  return [...groups.values()].map((group) => {
    const of = (line: string): readonly CostEntry[] => group.filter((entry) => entry.line === line);
    const quantity = (line: string): number => sum(of(line).map((entry) => entry.quantity));
    const costOf = (...lines: readonly string[]): number =>
      sum(lines.flatMap(of).map(({ microDollars }) => microDollars));
    const priced = [...of('agora-relay'), ...of('agora-viewers')].find((entry) => entry.quantity > 0);
    return {
      channelId: group[0]?.channelId ?? '',
      viewerSeconds: quantity('agora-viewers') + quantity('delivery'),
      onAirSeconds: Math.max(quantity('agora-relay'), quantity('ingest')),
      agoraRate: priced === undefined ? undefined : priced.microDollars / priced.quantity,
      relay: costOf('agora-relay', 'pod'),
      host: costOf('agora-host'),
    };
  });
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, each) => total + each, 0);
