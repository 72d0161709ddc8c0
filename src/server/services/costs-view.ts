import type { z } from 'zod';
import type { CostEntry } from '../../store/store.ts';
import type { costsViewSchema } from '../contract/costs.ts';
import type { CostComparison } from './cost-comparison.ts';
import { costHours, missingSecondsOf, sum, type CostHour } from './cost-hours.ts';
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
  compare: (hours: readonly CostHour[]) => CostComparison,
): CostsView {
  const hours = costHours(entries);
  const figures = (some: readonly CostHour[], of = period): Figures =>
    figuresOf(some, elapsedMs(of, now), compare(some));
  const channels = Map.groupBy(hours, ({ channelId }) => channelId);
  const days = Map.groupBy(hours, ({ hour }) => hour.toISOString().slice(0, 10));
  const platforms = Map.groupBy(hours, ({ platform }) => platform);
  return {
    from: period.from.toISOString(),
    to: period.to.toISOString(),
    ...figures(hours),
    channels: [...channels].map(([channelId, own]) => ({ channelId, ...figures(own) })),
    // In the order of the ledger, which is that of time.
    days: [...days].map(([day, own]) => ({ day, ...figures(own, partOf(day, period)) })),
    platforms: [...platforms].map(([platform, own]) => ({ platform, ...figures(own) })),
    lines: linesOf(entries),
  };
}

function figuresOf(
  hours: readonly CostHour[],
  periodMs: number,
  { onAgoraAlone, onPlatforms, breakEvenViewers }: CostComparison,
): Figures {
  const entries = hours.flatMap((hour) => hour.entries);
  const total = sum(entries.map(({ microDollars }) => microDollars));
  const secondsOf = (...lines: readonly string[]): number =>
    sum(entries.filter(({ line }) => lines.includes(line)).map(({ quantity }) => quantity));
  const perHour = (seconds: number): string | null => (seconds > 0 ? usd((total * 3_600) / seconds) : null);
  return {
    usd: usd(total),
    estimated: entries.some(({ estimated }) => estimated),
    ...completenessOf(sum(hours.map(({ missingSeconds }) => missingSeconds))),
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
      usd: usd(sum(group.map(({ microDollars }) => microDollars))),
      quantity: sum(group.map(({ quantity }) => quantity)),
      estimated: group.some(({ estimated }) => estimated),
      ...completenessOf(missingSecondsOf(group)),
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

function completenessOf(missingSeconds: number): Pick<Figures, 'complete' | 'missingSeconds'> {
  return { complete: missingSeconds === 0, missingSeconds };
}

/** Elapsed part of the period; the ledger covers the current hour up to now. */
function elapsedMs({ from, to }: CostPeriod, now: Date): number {
  return Math.min(to.getTime(), now.getTime()) - from.getTime();
}
