import type { Clock } from '../../base/clock.ts';
import type { ReflectorObserver } from '../../kube/reflector.ts';

/** Reflectors try again after 45 s at most: one that has not failed for longer is well. */
const QUIET_MS = 60_000;

/** Since when a reflector does not get through to the API server, so that what it has may be old. */
export class Freshness {
  readonly #clock: Clock;
  #brokenSince: number | undefined;
  #failedAt = -Infinity;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Tells `also` everything, too. */
  observer(also?: ReflectorObserver): ReflectorObserver {
    return {
      listed: () => also?.listed(),
      watched: () => also?.watched(),
      failed: () => {
        this.#failedAt = this.#clock.monotonic();
        this.#brokenSince ??= this.#failedAt;
        also?.failed();
      },
      // Said after each list and each event, bookmarks too.
      size: (objects) => {
        this.#brokenSince = undefined;
        also?.size(objects);
      },
    };
  }

  /** 0 while all is well. */
  brokenSeconds(): number {
    const now = this.#clock.monotonic();
    if (this.#brokenSince === undefined || now - this.#failedAt > QUIET_MS) return 0;
    return (now - this.#brokenSince) / 1_000;
  }
}
