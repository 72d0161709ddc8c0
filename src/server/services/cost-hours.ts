import type { CostEntry } from '../../store/store.ts';

/** What one channel used and cost in one hour: all figures of costs are sums of such hours. Costs are in micro-dollars. */
export interface CostHour {
  readonly channelId: string;
  readonly hour: Date;
  readonly entries: readonly CostEntry[];
  /** The platform that the channel had; null: none. With two, because of a migration, the one that cost more. */
  readonly platform: string | null;
  readonly missingSeconds: number;
  readonly viewerSeconds: number;
  readonly onAirSeconds: number;
  /** Per viewer-second on Agora, at that hour's prices and resolution. */
  readonly agoraRate: number | undefined;
  /** For the relay on Agora and its pod, which do not depend on the platform. */
  readonly relay: number;
  /** For the host on Agora, wherever the viewers are. */
  readonly host: number;
}

/** In the order of the ledger, which is that of time. */
export function costHours(entries: readonly CostEntry[]): readonly CostHour[] {
  return byChannelHour(entries).flatMap(hourOf);
}

/** Seconds without figures: one that is missing in several lines of a channel counts once. */
export function missingSecondsOf(entries: readonly CostEntry[]): number {
  return sum(byChannelHour(entries).map(mostMissing));
}

function byChannelHour(entries: readonly CostEntry[]): readonly (readonly CostEntry[])[] {
  return [...Map.groupBy(entries, ({ channelId, hour }) => `${hour.getTime()} ${channelId}`).values()];
}

function mostMissing(entries: readonly CostEntry[]): number {
  return Math.max(...entries.map(({ missingSeconds }) => missingSeconds));
}

function hourOf(entries: readonly CostEntry[]): readonly CostHour[] {
  const [first] = entries;
  if (first === undefined) return [];
  const of = (line: string): readonly CostEntry[] => entries.filter((entry) => entry.line === line);
  const quantity = (line: string): number => sum(of(line).map((entry) => entry.quantity));
  const costOf = (...lines: readonly string[]): number =>
    sum(lines.flatMap(of).map(({ microDollars }) => microDollars));
  const priced = [...of('agora-relay'), ...of('agora-viewers')].find((entry) => entry.quantity > 0);
  return [
    {
      ...{ channelId: first.channelId, hour: first.hour, entries, platform: platformOf(entries) },
      missingSeconds: mostMissing(entries),
      viewerSeconds: quantity('agora-viewers') + quantity('delivery'),
      onAirSeconds: Math.max(quantity('agora-relay'), quantity('ingest')),
      agoraRate: priced === undefined ? undefined : priced.microDollars / priced.quantity,
      relay: costOf('agora-relay', 'pod'),
      host: costOf('agora-host'),
    },
  ];
}

/** Of these lines, the payee is the platform. */
const platformLines: readonly string[] = ['ingest', 'delivery', 'storage'];

function platformOf(entries: readonly CostEntry[]): string | null {
  const paid = Map.groupBy(
    entries.filter(({ line }) => platformLines.includes(line)),
    ({ platform }) => platform,
  );
  const [most] = [...paid]
    .map(([platform, own]) => ({ platform, cost: sum(own.map(({ microDollars }) => microDollars)) }))
    .toSorted((a, b) => b.cost - a.cost);
  return most?.platform ?? null;
}

export const sum = (numbers: readonly number[]): number => numbers.reduce((total, each) => total + each, 0);
