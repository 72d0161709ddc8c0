import type { TraceStep } from '../../../src/costs/trace.ts';

/** A show of this length whose audience is a function of time, with a count every ten seconds. */
function show(seconds: number, viewers: (second: number) => number): readonly TraceStep[] {
  return Array.from({ length: seconds / 10 + 1 }, (_, index) => ({
    second: index * 10,
    viewers: Math.max(0, Math.round(viewers(index * 10))),
  }));
}

/** Pseudo-random numbers between -1 and 1, the same each time. */
const noise = (second: number): number => {
  const x = Math.sin(second * 12.9898) * 43_758.5453;
  return 2 * (x - Math.floor(x)) - 1;
};

export const traces: Readonly<Record<string, readonly TraceStep[]>> = {
  /** A few viewers before it, two thousand within a minute, most of them gone after a quarter of an hour. */
  'flash sale': show(7_200, (at) =>
    at < 1_800
      ? 4 + noise(at)
      : at < 1_860
        ? 4 + (at - 1_800) * 33
        : at < 2_700
          ? 2_000 + 100 * noise(at)
          : 2_000 * Math.exp(-(at - 2_700) / 600) + 3,
  ),
  /** From none to three hundred in three hours, and back in one. */
  ramp: show(14_400, (at) => (at < 10_800 ? (300 * at) / 10_800 : (300 * (14_400 - at)) / 3_600)),
  'small show': show(5_400, (at) => 3 + 2 * noise(at)),
  /** Varies around fourteen viewers, where IVS and Agora cost the same. */
  'around break-even': show(14_400, (at) => 14 + 4 * Math.sin(at / 500) + 3 * noise(at)),
  /** An hour with six hundred viewers, then the stream stays on for nine hours with one or two. */
  'long idle night': show(36_000, (at) =>
    at < 3_600 ? 600 + 60 * noise(at) : at < 4_500 ? (600 * (4_500 - at)) / 900 : 1.4 + noise(at),
  ),
};
