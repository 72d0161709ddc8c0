import { latencyBuckets, startupBuckets } from '../../../api/qoe-buckets.ts';
import type { QoeSums } from '../../../store/store.ts';
import type { QoeReport } from '../../contract/qoe.ts';

const zeros = (buckets: readonly number[]): number[] => Array.from({ length: buckets.length + 1 }, () => 0);

export const emptySums: QoeSums = {
  ...{ startups: zeros(startupBuckets), latencies: zeros(latencyBuckets) },
  ...{ playing: 0, stalled: 0, stalls: 0, frames: 0, dropped: 0, fatal: 0 },
  ...{ starts: 0, carried: 0, carriedReporters: 0 },
};

/** What a report stands for. */
export interface Standing {
  /** Number of players that it stands for. 0: it is not in the sample, and reports a fault alone. */
  readonly weight: number;
  /** The player's first report ever, its first one in this minute, or neither. */
  readonly place: 'start' | 'carried' | 'later';
}

/** A report as sums. What contradicts itself is cut: time cannot be more than the time that is reported about. */
export function sumsOf(report: QoeReport, { weight, place }: Standing): QoeSums {
  const { dur, ttff, lat50, stalls, frames, fatal } = report;
  const playing = Math.min(report.playing, dur);
  return {
    startups: countedIn(startupBuckets, ttff, weight),
    latencies: countedIn(latencyBuckets, lat50, weight),
    playing: playing * weight,
    stalled: Math.min(report.stalled, dur - playing) * weight,
    stalls: stalls * weight,
    frames: frames * weight,
    dropped: Math.min(report.dropped, frames) * weight,
    // Every player reports its fault, in the sample or not.
    fatal: fatal === undefined ? 0 : 1,
    starts: place === 'start' ? weight : 0,
    carried: place === 'carried' ? weight : 0,
    carriedReporters: place === 'carried' && weight > 0 ? 1 : 0,
  };
}

/** The sums of both, which are about different players. */
export function plus(one: QoeSums, other: QoeSums): QoeSums {
  const each = (some: readonly number[], more: readonly number[]): number[] =>
    some.map((value, index) => value + (more[index] ?? 0));
  return {
    startups: each(one.startups, other.startups),
    latencies: each(one.latencies, other.latencies),
    playing: one.playing + other.playing,
    stalled: one.stalled + other.stalled,
    stalls: one.stalls + other.stalls,
    frames: one.frames + other.frames,
    dropped: one.dropped + other.dropped,
    fatal: one.fatal + other.fatal,
    starts: one.starts + other.starts,
    carried: one.carried + other.carried,
    carriedReporters: one.carriedReporters + other.carriedReporters,
  };
}

/** The sums of both, of which the other ones are later: players that are carried there were counted before. */
export function then(one: QoeSums, later: QoeSums): QoeSums {
  const { carried, carriedReporters } = one;
  return { ...plus(one, later), carried, carriedReporters };
}

function countedIn(buckets: readonly number[], value: number | undefined, weight: number): number[] {
  const counts = zeros(buckets);
  if (value === undefined) return counts;
  const index = buckets.findIndex((most) => value <= most);
  counts[index === -1 ? buckets.length : index] = weight;
  return counts;
}
