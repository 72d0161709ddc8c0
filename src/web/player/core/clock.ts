/** The only source of time in the player. Its shape is that of base/clock.ts, which runs on Node alone. */
export interface Clock {
  /** The wall clock: for times that people or other programs read. It may jump. */
  now(): Date;
  /** Milliseconds since an arbitrary fixed point; never decreases. Durations and deadlines are computed with it. */
  monotonic(): number;
  /** Calls `run` once after `delayMs`. The returned function cancels it. */
  schedule(delayMs: number, run: () => void): () => void;
}

/** The clocks and timers of the browser. */
export const browserClock: Clock = {
  now: () => new Date(),
  monotonic: () => performance.now(),
  schedule(delayMs, run) {
    const timer = setTimeout(run, Math.max(delayMs, 0));
    return () => {
      clearTimeout(timer);
    };
  },
};
