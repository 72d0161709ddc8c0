import type { Range, Granularity } from './parts.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const resolutions = ['sample', 'minute', 'hour'] as const;
const lengthMs = { sample: 1, minute: MINUTE_MS, hour: HOUR_MS } as const;

export interface Source extends Range {
  readonly resolution: Granularity;
}

/** What the tables hold. undefined: nothing is rolled up yet, nothing was dropped yet. */
export interface Held {
  readonly rolledUpUntil?: Date | undefined;
  readonly samplesSince?: Date | undefined;
  readonly minutesSince?: Date | undefined;
}

/**
 * Where the numbers of a chart are read: of the coarsest table that its steps are multiples of, but of a finer one what
 * is not rolled up yet, and of a coarser one what the finer ones keep no longer. The ranges follow each other, and no
 * sample is in two of them.
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
  // The first step is a whole one, and so is the first row that is read for it.
  const floored = floor(from.getTime(), stepSeconds * 1_000);
  const begin = floor(floored, lengthMs[at(floored)]);
  const cuts = [samplesSince, minutesSince, hoursUntil, minutesUntil]
    .filter((time) => time > begin && time < end)
    .sort((one, other) => one - other);
  // Only where another table begins.
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
