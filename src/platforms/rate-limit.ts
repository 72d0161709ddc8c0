/** The part of a Clock that a bucket needs. */
export interface PacingClock {
  monotonic(): number;
  sleep(delayMs: number, signal?: AbortSignal): Promise<void>;
}

/** A sustained rate with a burst. */
export interface RateLimit {
  readonly perSecond: number;
  /** Number of calls that may pass at once after a pause. */
  readonly burst: number;
}

/** Limits calls to a rate, in the order of their arrival. */
export class TokenBucket {
  readonly #limit: RateLimit;
  readonly #clock: PacingClock;
  /** Time at which the next call would pass if there were no burst, in monotonic milliseconds. */
  #next = -Infinity;
  /** Resolves when the last call in the queue has passed or was aborted. */
  #last: Promise<void> = Promise.resolve();

  constructor(limit: RateLimit, clock: PacingClock) {
    this.#limit = limit;
    this.#clock = clock;
  }

  /** Resolves when the call may pass. A call that is aborted while it waits uses no token. */
  take(signal: AbortSignal): Promise<void> {
    // Serialized, so that after a pause of this process no more calls pass at once than the burst allows.
    const mine = this.#last.then(() => this.#go(signal));
    this.#last = mine.catch(() => undefined);
    return mine;
  }

  async #go(signal: AbortSignal): Promise<void> {
    const spacing = 1_000 / this.#limit.perSecond;
    for (;;) {
      signal.throwIfAborted();
      const now = this.#clock.monotonic();
      const turn = Math.max(this.#next, now - spacing * (this.#limit.burst - 1));
      if (turn <= now) {
        this.#next = turn + spacing;
        return;
      }
      await this.#clock.sleep(turn - now, signal);
    }
  }

  /** Lets no call pass for `delayMs`, because the platform reported too many calls. */
  hold(delayMs: number): void {
    this.#next = Math.max(this.#next, this.#clock.monotonic() + delayMs);
  }
}

/** The buckets of this process. Each key names what the platform limits: account, region, operation. */
export class RateLimits {
  readonly #clock: PacingClock;
  readonly #buckets = new Map<string, TokenBucket>();

  constructor(clock: PacingClock) {
    this.#clock = clock;
  }

  /** Returns the bucket of the key, and creates it if needed. All callers share it, because platforms limit accounts. */
  bucket(key: string, limit: RateLimit): TokenBucket {
    const known = this.#buckets.get(key);
    if (known !== undefined) return known;
    const made = new TokenBucket(limit, this.#clock);
    this.#buckets.set(key, made);
    return made;
  }
}
