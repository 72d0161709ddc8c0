import { performance } from 'node:perf_hooks';

/** The only source of time. It is injected everywhere, so that tests can control it (testing/fake-clock.ts). */
export interface Clock {
  /** The wall clock: for times that people or other programs read. It may jump. */
  now(): Date;
  /** Milliseconds since an arbitrary fixed point; never decreases. Durations and deadlines are computed with it. */
  monotonic(): number;
  /** Calls `run` once after `delayMs`. The returned function cancels it. */
  schedule(delayMs: number, run: () => void): () => void;
  /** Resolves after `delayMs`, or as soon as `signal` aborts: check `signal.aborted` afterwards. */
  sleep(delayMs: number, signal?: AbortSignal): Promise<void>;
}

/** Node's timers hold a signed 32-bit count of milliseconds; a longer delay would fire at once. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** The clocks and timers of Node. */
export const systemClock: Clock = {
  now: () => new Date(),
  monotonic: () => performance.now(),
  schedule(delayMs, run) {
    const timer = setTimeout(run, Math.min(Math.max(delayMs, 0), MAX_TIMER_MS));
    return () => {
      clearTimeout(timer);
    };
  },
  sleep(delayMs, signal) {
    return sleepOn(systemClock, delayMs, signal);
  },
};

/** Implements `Clock.sleep` for any clock that has `schedule`. */
export function sleepOn(
  clock: Pick<Clock, 'schedule'>,
  delayMs: number,
  signal?: AbortSignal,
): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted === true) {
      resolve();
      return;
    }
    const finish = (): void => {
      cancel();
      signal?.removeEventListener('abort', finish);
      resolve();
    };
    const cancel = clock.schedule(delayMs, finish);
    signal?.addEventListener('abort', finish, { once: true });
  });
}
