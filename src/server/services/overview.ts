import { channelIdOf, type ChannelId } from '../../api/channel-id.ts';
import { platformNameOf, type LiveChannel } from '../../api/live-channel.ts';
import type { StreamingPlatform } from '../../api/streaming-platform.ts';
import type { Health } from '../../api/values.ts';
import { isOnAirOrWanted } from '../../channel/desired/resources.ts';
import { relayView } from '../../channel/views/channel-view.ts';
import { isHosted, pricedOptions } from '../../costs/priced-channel.ts';
import { hourlyRates, hourOnAgora, hourOnHls, type Prices } from '../../costs/viewer-prices.ts';
import type { Alert } from '../../store/store.ts';
import type { LiveNumber } from '../cache/live-numbers.ts';
import type { Overview } from '../contract/overview.ts';
import { usd } from './usd.ts';

export interface OverviewParts {
  readonly channels: Iterable<LiveChannel>;
  readonly live: (id: ChannelId) => LiveNumber | undefined;
  readonly platform: (name: string) => StreamingPlatform | undefined;
  readonly prices: Prices;
  /** Open alerts; undefined: unknown. */
  readonly alerts: readonly Alert[] | undefined;
  readonly now: Date;
}

/** All channels now, as sums. Whatever is unknown is left out of a sum, and counted. */
export function overviewOf(parts: OverviewParts): Overview {
  const channels = [...parts.channels].map((channel) => factsOf(channel, parts));
  const onAir = channels.filter((each) => each.onAir);
  const wanted = channels.filter((each) => each.wanted);
  const costs = onAir.map(({ cost }) => cost);
  const sumOfCosts = (pick: (cost: CostNow) => number): string | null => {
    const sum = sumOf(costs.map((cost) => (cost === undefined ? undefined : pick(cost))));
    return sum === null ? null : usd(sum);
  };
  const { alerts } = parts;
  return {
    at: parts.now.toISOString(),
    channels: { total: channels.length, wanted: wanted.length, onAir: onAir.length },
    viewers: {
      agora: sumOf(onAir.map(({ agoraViewers }) => agoraViewers)),
      hls: sumOf(onAir.map(({ hlsViewers }) => hlsViewers)),
      unknown: count(
        onAir,
        ({ agoraViewers, hlsViewers }) => agoraViewers === undefined || hlsViewers === undefined,
      ),
    },
    costs: {
      perHourUsd: sumOfCosts(({ now }) => now),
      agoraAlonePerHourUsd: sumOfCosts(({ onAgoraAlone }) => onAgoraAlone),
      savedPerHourUsd: sumOfCosts(({ now, onAgoraAlone }) => onAgoraAlone - now),
      unknown: count(onAir, ({ cost, agoraViewers }) => cost === undefined || agoraViewers === undefined),
    },
    health: {
      good: count(wanted, ({ health }) => health === 'good'),
      fair: count(wanted, ({ health }) => health === 'fair'),
      poor: count(wanted, ({ health }) => health === 'poor'),
      unknown: count(wanted, ({ health }) => health === undefined),
    },
    alerts:
      alerts === undefined
        ? null
        : {
            critical: count(alerts, ({ severity }) => severity === 'critical'),
            warning: count(alerts, ({ severity }) => severity === 'warning'),
            info: count(alerts, ({ severity }) => severity === 'info'),
          },
  };
}

/** Micro-dollars per hour. Agora's viewers that are not counted are in neither figure. */
interface CostNow {
  readonly now: number;
  readonly onAgoraAlone: number;
}

/** undefined: unknown. */
interface ChannelFacts {
  readonly onAir: boolean;
  readonly wanted: boolean;
  readonly agoraViewers: number | undefined;
  readonly hlsViewers: number | undefined;
  readonly health: Health | undefined;
  readonly cost: CostNow | undefined;
}

function factsOf(channel: LiveChannel, parts: OverviewParts): ChannelFacts {
  const live = parts.live(channelIdOf(channel.metadata));
  const relay = relayView(channel, undefined);
  const { hlsViewers } = live ?? {};
  // Where viewers cannot be on Agora, an app has none to report.
  const agoraViewers =
    live?.agoraViewers ?? (channel.status?.effectiveStreamMode === 'hls-only' ? 0 : undefined);
  const reported = live?.relay?.health ?? relay.reportedHealth;
  return {
    onAir: relay.isActive,
    wanted: relay.wanted && isOnAirOrWanted(channel),
    agoraViewers,
    hlsViewers,
    health: relay.isActive ? (reported ?? undefined) : relay.health,
    cost: hlsViewers === undefined ? undefined : costNow(channel, live, { agoraViewers, hlsViewers }, parts),
  };
}

function costNow(
  channel: LiveChannel,
  live: LiveNumber | undefined,
  viewers: { readonly agoraViewers: number | undefined; readonly hlsViewers: number },
  { platform: find, prices }: OverviewParts,
): CostNow | undefined {
  const platform = find(platformNameOf(channel) ?? '');
  if (platform === undefined) return undefined;
  const rates = hourlyRates(prices, {
    platform: platform.spec,
    ...pricedOptions(channel, live?.relay?.height ?? undefined),
  });
  if (rates === undefined) return undefined;
  const { agoraViewers = 0, hlsViewers } = viewers;
  const host = isHosted(channel, agoraViewers) ? prices.common.agoraHost : 0;
  return {
    now: host + hourOnAgora(rates, agoraViewers) + hourOnHls(rates, hlsViewers),
    onAgoraAlone: host + hourOnAgora(rates, agoraViewers + hlsViewers),
  };
}

/** Sum of what is known; null if nothing is. */
function sumOf(numbers: readonly (number | undefined)[]): number | null {
  const known = numbers.filter((each) => each !== undefined);
  if (known.length === 0 && numbers.length > 0) return null;
  return known.reduce((sum, each) => sum + each, 0);
}

function count<T>(all: readonly T[], is: (each: T) => boolean): number {
  return all.filter(is).length;
}
