/** Lag at which the path has certainly been busy since the last look. */
const BUSY_LAG_MS = 300;
/** Less busy time gives no rate. */
const MIN_BUSY_MS = 1_000;
/** Older busy time counts for half, again and again. */
const MAX_BUSY_MS = 6_000;

/** How much a path accepted while it was busy. */
export interface Capacity {
  readonly busyMs: number;
  readonly bytes: number;
  /** The time and the count of the last look. */
  readonly at: number | undefined;
  readonly acceptedBytes: number;
}

export const unknownCapacity: Capacity = { busyMs: 0, bytes: 0, at: undefined, acceptedBytes: 0 };

/** Without the rate so far, which belongs to the step before. */
export const restarted = (before: Capacity): Capacity => ({ ...before, busyMs: 0, bytes: 0 });

/**
 * Counts what the path accepted since the last look, if it was busy. The average over any time would be too low: while
 * GOPs are dropped, the path waits for the next keyframe. Pure.
 */
export function lookAgain(before: Capacity, acceptedBytes: number, lagMs: number, now: number): Capacity {
  const seen = { at: now, acceptedBytes };
  if (before.at === undefined || lagMs < BUSY_LAG_MS) return { ...before, ...seen };
  const share = before.busyMs > MAX_BUSY_MS ? 0.5 : 1;
  return {
    busyMs: before.busyMs * share + now - before.at,
    bytes: before.bytes * share + Math.max(0, acceptedBytes - before.acceptedBytes),
    ...seen,
  };
}

/** In kbit/s; undefined if the path was not busy long enough. */
export function capacityKbps({ busyMs, bytes }: Capacity): number | undefined {
  return busyMs < MIN_BUSY_MS ? undefined : (bytes * 8) / busyMs;
}
