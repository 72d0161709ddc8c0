import type { Clock } from '../../base/clock.ts';
import type { ReflectorObserver } from '../../kube/reflector.ts';

/** Reflectors retry after at most 45 s, so one that has not failed for longer than that works. */
const QUIET_MS = 60_000;

/** Tracks for how long reflectors have failed to reach the API server, which makes the cache stale. */
export class Freshness {
  readonly #clock: Clock;
  #brokenSince: number | undefined;
  #failedAt = -Infinity;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** An observer for a reflector, which forwards all calls to `also`. */
  observer(also?: ReflectorObserver): ReflectorObserver {
    return {
      listed: () => also?.listed(),
      watched: () => also?.watched(),
      failed: () => {
        this.#failedAt = this.#clock.monotonic();
        this.#brokenSince ??= this.#failedAt;
        also?.failed();
      },
      // Called after each list and each event, including bookmarks.
      size: (objects) => {
        this.#brokenSince = undefined;
        also?.size(objects);
      },
    };
  }

  /** 0 while updates are received. */
  brokenSeconds(): number {
    const now = this.#clock.monotonic();
    if (this.#brokenSince === undefined || now - this.#failedAt > QUIET_MS) return 0;
    return (now - this.#brokenSince) / 1_000;
  }
}
