import { latencyBuckets, startupBuckets } from '../../../api/qoe-buckets.ts';
import type { QoeRow, QoeSums } from '../../../store/store.ts';
import {
  QOE_LEAST_SESSIONS,
  qoeBrowsers,
  type QoeFigures,
  type QoeQuery,
  type QoeView,
} from '../../contract/qoe.ts';
import { stepsOf } from '../store-views.ts';
import { emptySums, plus, then } from './qoe-sums.ts';

const HOUR_MS = 3_600_000;

/** Minutes that begin in [from, to), in whole steps. */
export interface QoePeriod {
  readonly from: Date;
  readonly to: Date;
  readonly stepSeconds: number;
}

/** By default the last hour, the current minute included. @throws ApiProblem invalid-request */
export function qoePeriod(query: QoeQuery, now: Date): QoePeriod {
  // With the minute that begins now.
  const { from, to, stepSeconds } = stepsOf(query, new Date(now.getTime() + 1));
  const stepMs = stepSeconds * 1_000;
  const begin =
    query.from === undefined ? to.getTime() - HOUR_MS + Math.min(stepMs, HOUR_MS) : from.getTime();
  return { from: new Date(floor(begin, stepMs)), to, stepSeconds };
}

/** What the rows mean: all together, by step, platform and browser. Rows need not be sorted, nor be in whole steps. */
export function qoeView(
  rows: readonly QoeRow[],
  { from, to, stepSeconds }: QoePeriod,
): Omit<QoeView, 'connected' | 'watching' | 'counts'> {
  const steps = Map.groupBy(rows, ({ at }) => floor(at.getTime(), stepSeconds * 1_000));
  const platforms = Map.groupBy(rows, ({ platform }) => platform);
  return {
    from: from.toISOString(),
    to: to.toISOString(),
    ...figuresOf(summed(rows)),
    minutes: [...steps]
      .sort(([one], [other]) => one - other)
      .map(([at, some]) => ({ at: new Date(at).toISOString(), ...figuresOf(summed(some)) })),
    platforms: [...platforms].map(([platform = null, some]) => ({ platform, ...figuresOf(summed(some)) })),
    browsers: qoeBrowsers.flatMap((browser) => {
      const some = rows.filter((row) => row.browser === browser);
      return some.length === 0 ? [] : [{ browser, ...figuresOf(summed(some)) }];
    }),
  };
}

/** Over time, so that a player counts once however many minutes it is there. */
function summed(rows: readonly QoeRow[]): QoeSums {
  const times = Map.groupBy(rows, ({ at }) => at.getTime());
  return [...times]
    .sort(([one], [other]) => one - other)
    .map(([, some]) => some.reduce((sum, each) => plus(sum, each.sums), emptySums))
    .reduce((sum, later, index) => (index === 0 ? later : then(sum, later)), emptySums);
}

/** What sums mean. Those of few players who report are null, however many they stand for. */
export function figuresOf(sums: QoeSums): QoeFigures {
  const { playing, stalled, stalls, frames, dropped, fatal, starts, carried, carriedReporters } = sums;
  const enough = <T>(value: T): T | null => (starts + carriedReporters < QOE_LEAST_SESSIONS ? null : value);
  const ratio = (part: number, whole: number): number | null => (whole === 0 ? null : enough(part / whole));
  return {
    sessions: Math.round(starts + carried),
    playingSeconds: playing,
    stalledRatio: ratio(stalled, playing + stalled),
    stallsPerHour: ratio(stalls * 3_600, playing),
    startupP50: enough(percentile(startupBuckets, sums.startups, 0.5)),
    startupP95: enough(percentile(startupBuckets, sums.startups, 0.95)),
    latencyP50: enough(percentile(latencyBuckets, sums.latencies, 0.5)),
    latencyP95: enough(percentile(latencyBuckets, sums.latencies, 0.95)),
    droppedRatio: ratio(dropped, frames),
    fatal,
  };
}

/**
 * A share of the values is at most the result: interpolated within a bucket, like histogram_quantile of Prometheus. null:
 * there are no values.
 */
function percentile(buckets: readonly number[], counts: readonly number[], share: number): number | null {
  const all = counts.reduce((sum, each) => sum + each, 0);
  if (all === 0) return null;
  const rank = all * share;
  let below = 0;
  for (const [index, most] of buckets.entries()) {
    const inside = counts[index] ?? 0;
    if (inside > 0 && below + inside >= rank) {
      const least = buckets[index - 1] ?? 0;
      return least + ((most - least) * (rank - below)) / inside;
    }
    below += inside;
  }
  // Above the last bound, the bound is what is known.
  return buckets.at(-1) ?? null;
}

const floor = (value: number, step: number): number => Math.floor(value / step) * step;
