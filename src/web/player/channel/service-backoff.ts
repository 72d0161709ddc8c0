/** Returns a number from 0 to 1. */
type Random = () => number;

const STEPS_MS = [1_000, 2_000, 4_000, 8_000, 15_000] as const;
const LONGEST_MS = 15_000;
/** Retries and polls are varied by these parts of their interval: many pages that do the same do not do it together. */
const RETRY_JITTER = 1 / 3;
const POLL_JITTER = 1 / 4;

/** Milliseconds before request number `attempt` to the service, which counts from 1. */
export function serviceDelayMs(attempt: number, random: Random): number {
  return Math.round(varied(STEPS_MS[Math.max(0, attempt - 1)] ?? LONGEST_MS, RETRY_JITTER, random));
}

/** Milliseconds before the next poll. */
export function pollDelayMs(intervalMs: number, random: Random): number {
  return varied(intervalMs, POLL_JITTER, random);
}

const varied = (ms: number, part: number, random: Random): number => ms * (1 + part * (2 * random() - 1));
