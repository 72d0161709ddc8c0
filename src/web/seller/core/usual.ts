import type { MediaFacts } from './facts.ts';

/** What is usual for a host: the median of the last minutes. */
export interface Usual {
  readonly frameRate: number | undefined;
  readonly inKbps: number | undefined;
}

interface Sample {
  readonly at: number;
  readonly frameRate: number;
  readonly inKbps: number;
}

export type Samples = readonly Sample[];

const WINDOW_MS = 300_000;
/** Reports arrive every 1 to 4 s; one every two seconds or so is enough. */
const LEAST_INTERVAL_MS = 1_500;
/** A median of less than half a minute says little: a host's first frames are of low quality. */
const LEAST_SAMPLES = 15;

/** Adds a report to the samples, if the host's own video was on air. There are never more than the window holds. */
export function withSample(samples: Samples, media: MediaFacts): Samples {
  const last = samples.at(-1);
  const isEarly = last !== undefined && media.at < last.at + LEAST_INTERVAL_MS;
  if (isEarly || media.output !== 'live' || media.host?.video !== true) return samples;
  const { at, frameRate, inKbps } = media;
  return [...samples.filter((each) => each.at > at - WINDOW_MS), { at, frameRate, inKbps }];
}

export function usualOf(samples: Samples): Usual {
  if (samples.length < LEAST_SAMPLES) return { frameRate: undefined, inKbps: undefined };
  return {
    frameRate: median(samples.map(({ frameRate }) => frameRate)),
    inKbps: median(samples.map(({ inKbps }) => inKbps)),
  };
}

function median(values: readonly number[]): number | undefined {
  return [...values].sort((left, right) => left - right)[Math.floor(values.length / 2)];
}
