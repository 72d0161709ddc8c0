import type { Range, Granularity } from './parts.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const resolutions = ['sample', 'minute', 'hour'] as const;
const lengthMs = { sample: 1, minute: MINUTE_MS, hour: HOUR_MS } as const;

/** A time range and the table from which it is read. */
export interface Source extends Range {
  readonly resolution: Granularity;
}

/** What the tables hold. `rolledUpUntil` undefined: nothing is rolled up yet; the others: nothing was dropped yet. */
export interface Held {
  readonly rolledUpUntil?: Date | undefined;
  readonly samplesSince?: Date | undefined;
  readonly minutesSince?: Date | undefined;
}

/**
 * Chooses the tables from which a chart is read: the coarsest one whose interval divides the chart's step. The time that
 * is not rolled up yet is read from a finer table, and the time that finer tables no longer hold from a coarser one. The
 * ranges are consecutive and do not overlap.
 */
export function sourcesOf(
  { from, to, stepSeconds }: Range & { readonly stepSeconds: number },
  held: Held,
): Source[] {
  const fits: Granularity = stepSeconds % 3_600 === 0 ? 'hour' : stepSeconds % 60 === 0 ? 'minute' : 'sample';
  const minutesUntil = held.rolledUpUntil?.getTime() ?? -Infinity;
  const hoursUntil = Math.floor(minutesUntil / HOUR_MS) * HOUR_MS;
  const samplesSince = held.samplesSince?.getTime() ?? -Infinity;
  const minutesSince = held.minutesSince?.getTime() ?? -Infinity;

  const at = (time: number): Granularity => {
    const finest = time >= samplesSince ? 0 : time >= minutesSince ? 1 : 2;
    const coarsest = time < hoursUntil ? 2 : time < minutesUntil ? 1 : 0;
    return resolutions[Math.min(Math.max(resolutions.indexOf(fits), finest), coarsest)] ?? 'sample';
  };
  const end = to.getTime();
  // Begin with a whole step of the chart and a whole row of the table.
  const floored = floor(from.getTime(), stepSeconds * 1_000);
  const begin = floor(floored, lengthMs[at(floored)]);
  const cuts = [samplesSince, minutesSince, hoursUntil, minutesUntil]
    .filter((time) => time > begin && time < end)
    .sort((one, other) => one - other);
  // Keep only the cuts at which the table changes.
  const starts = [begin, ...cuts].filter(
    (start, index, all) => start < end && (index === 0 || at(start) !== at(all[index - 1] ?? begin)),
  );
  return starts.map((start, index) => ({
    from: new Date(start),
    to: new Date(starts[index + 1] ?? end),
    resolution: at(start),
  }));
}

function floor(time: number, step: number): number {
  return Math.floor(time / step) * step;
}
