import { performance } from 'node:perf_hooks';

/** Time, as the runtime sees it. Injected everywhere, so that tests turn it by hand (testing/fake-clock.ts). */
export interface Clock {
  /** The wall clock: only for what people read. It may jump. */
  now(): Date;
  /** Milliseconds since some fixed point; never goes back. All durations and deadlines are reckoned with it. */
  monotonic(): number;
  /** Calls `run` once after `delayMs`; the function that comes back cancels it. */
  schedule(delayMs: number, run: () => void): () => void;
  /** Resolves after `delayMs`, or as soon as `signal` aborts: look at the signal afterwards. */
  sleep(delayMs: number, signal?: AbortSignal): Promise<void>;
}

/** Node's timers hold a signed 32-bit count of milliseconds; a longer delay would fire at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

export const systemClock: Clock = {
  now: () => new Date(),
  monotonic: () => performance.now(),
  schedule(delayMs, run) {
    const timer = setTimeout(run, Math.min(Math.max(delayMs, 0), LONGEST_TIMER_MS));
    return () => {
      clearTimeout(timer);
    };
  },
  sleep(delayMs, signal) {
    return sleepOn(systemClock, delayMs, signal);
  },
};

/** `sleep` for any clock that can schedule. */
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
    const wake = (): void => {
      cancel();
      signal?.removeEventListener('abort', wake);
      resolve();
    };
    const cancel = clock.schedule(delayMs, wake);
    signal?.addEventListener('abort', wake, { once: true });
  });
}
