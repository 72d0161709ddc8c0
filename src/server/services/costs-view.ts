import type { z } from 'zod';
import type { CostEntry } from '../../store/store.ts';
import type { costsViewSchema } from '../contract/costs.ts';
import type { CostComparison } from './cost-comparison.ts';
import { usd } from './usd.ts';

type CostsView = z.infer<typeof costsViewSchema>;
type Figures = Omit<CostsView, 'from' | 'to' | 'channels' | 'days' | 'platforms' | 'lines'>;

export interface CostPeriod {
  readonly from: Date;
  readonly to: Date;
}

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const MONTH_MS = 30 * DAY_MS;

/** Sums of the ledger, in total, by channel, day and platform. Amounts are summed in micro-dollars and formatted last. */
export function costsView(
  entries: readonly CostEntry[],
  period: CostPeriod,
  now: Date,
  compare: (entries: readonly CostEntry[]) => CostComparison,
): CostsView {
  const figures = (some: readonly CostEntry[]): Figures =>
    figuresOf(some, elapsedMs(period, now), compare(some));
  const channels = Map.groupBy(entries, ({ channelId }) => channelId);
  const days = Map.groupBy(entries, ({ hour }) => hour.toISOString().slice(0, 10));
  const platforms = Map.groupBy(byChannelHour(entries), platformIn);
  const dayFigures = (day: string, some: readonly CostEntry[]): Figures =>
    figuresOf(some, elapsedMs(partOf(day, period), now), compare(some));
  return {
    from: period.from.toISOString(),
    to: period.to.toISOString(),
    ...figures(entries),
    channels: [...channels].map(([channelId, own]) => ({ channelId, ...figures(own) })),
    // In the order of the ledger, which is that of time.
    days: [...days].map(([day, own]) => ({ day, ...dayFigures(day, own) })),
    platforms: [...platforms].map(([platform, own]) => ({ platform, ...figures(own.flat()) })),
    lines: linesOf(entries),
  };
}

function figuresOf(
  entries: readonly CostEntry[],
  periodMs: number,
  { onAgoraAlone, onPlatforms, breakEvenViewers }: CostComparison,
): Figures {
  const total = sum(entries, ({ microDollars }) => microDollars);
  const secondsOf = (...lines: readonly string[]): number =>
    sum(
      entries.filter(({ line }) => lines.includes(line)),
      ({ quantity }) => quantity,
    );
  const perHour = (seconds: number): string | null => (seconds > 0 ? usd((total * 3_600) / seconds) : null);
  return {
    usd: usd(total),
    estimated: entries.some(({ estimated }) => estimated),
    ...completenessOf(entries),
    perOnAirHourUsd: perHour(secondsOf('agora-relay')),
    perViewerHourUsd: perHour(secondsOf('delivery', 'agora-viewers')),
    monthForecastUsd: periodMs > 0 ? usd((total * MONTH_MS) / periodMs) : null,
    onAgoraAloneUsd: onAgoraAlone === undefined ? null : usd(onAgoraAlone),
    onPlatformsUsd: Object.fromEntries(Object.entries(onPlatforms).map(([name, cost]) => [name, usd(cost)])),
    breakEvenViewers: breakEvenViewers ?? null,
  };
}

function linesOf(entries: readonly CostEntry[]): CostsView['lines'] {
  const lines = Map.groupBy(entries, ({ channelId, platform, line }) =>
    JSON.stringify([channelId, platform, line]),
  );
  return [...lines.values()].flatMap((group) => {
    const [first] = group;
    if (first === undefined) return [];
    const { channelId, platform, line } = first;
    return {
      channelId,
      platform,
      line,
      usd: usd(sum(group, ({ microDollars }) => microDollars)),
      quantity: sum(group, ({ quantity }) => quantity),
      estimated: group.some(({ estimated }) => estimated),
      ...completenessOf(group),
    };
  });
}

/** The part of a period that is on a UTC day. */
function partOf(day: string, { from, to }: CostPeriod): CostPeriod {
  const begin = Date.parse(day);
  return {
    from: new Date(Math.max(begin, from.getTime())),
    to: new Date(Math.min(begin + DAY_MS, to.getTime())),
  };
}

/** Of these lines, the payee is the platform. */
const platformLines: readonly string[] = ['ingest', 'delivery', 'storage'];

/** The entries of each channel and hour. */
function byChannelHour(entries: readonly CostEntry[]): readonly (readonly CostEntry[])[] {
  return [...Map.groupBy(entries, ({ channelId, hour }) => `${hour.getTime()} ${channelId}`).values()];
}

/**
 * The platform that a channel had in an hour; null: none. An hour with two, because of a migration, belongs to the one
 * that cost more.
 */
function platformIn(ofHour: readonly CostEntry[]): string | null {
  const paid = Map.groupBy(
    ofHour.filter(({ line }) => platformLines.includes(line)),
    ({ platform }) => platform,
  );
  const [most] = [...paid]
    .map(([platform, own]) => ({ platform, cost: sum(own, ({ microDollars }) => microDollars) }))
    .toSorted((a, b) => b.cost - a.cost);
  return most?.platform ?? null;
}

/** A second that is missing in several lines of a channel counts once. */
function completenessOf(entries: readonly CostEntry[]): Pick<Figures, 'complete' | 'missingSeconds'> {
  const missingSeconds = sum(byChannelHour(entries), (lines) =>
    Math.max(...lines.map((entry) => entry.missingSeconds)),
  );
  return { complete: missingSeconds === 0, missingSeconds };
}

/** Elapsed part of the period; the ledger covers the current hour up to now. */
function elapsedMs({ from, to }: CostPeriod, now: Date): number {
  return Math.min(to.getTime(), now.getTime()) - from.getTime();
}

function sum<T>(items: readonly T[], of: (item: T) => number): number {
  return items.reduce((total, item) => total + of(item), 0);
}
