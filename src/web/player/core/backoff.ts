const STEPS_MS = [1_000, 2_000] as const;
/** As often as a playing viewer requests the playlist: a stream that returns is seen at once, and no viewer costs more. */
const USUAL_MS = 3_000;
/** Attempts at that pace, some two minutes. After them, the stream is asked for as rarely as the service. */
const USUAL_ATTEMPTS = 40;
const LONGEST_MS = 15_000;

/**
 * Milliseconds before attempt number `attempt`, which counts from 1, to play a stream that failed; `random` returns a number
 * from 0 to 1. A third more or less keeps many viewers of what failed from returning at the same moment.
 */
export function streamDelayMs(attempt: number, random: () => number): number {
  const step = STEPS_MS[Math.max(0, attempt - 1)] ?? (attempt <= USUAL_ATTEMPTS ? USUAL_MS : LONGEST_MS);
  return Math.round((step * (2 + 2 * random())) / 3);
}
