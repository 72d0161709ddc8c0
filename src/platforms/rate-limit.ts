/** What a bucket needs of a clock; the runtime's Clock has it. */
export interface PacingClock {
  monotonic(): number;
  sleep(delayMs: number, signal?: AbortSignal): Promise<void>;
}

export interface RateLimit {
  readonly perSecond: number;
  /** So many calls may go at once after a quiet time. */
  readonly burst: number;
}

/** Lets calls through at a rate, in the order in which they came. */
export class TokenBucket {
  readonly #limit: RateLimit;
  readonly #clock: PacingClock;
  /** When, in monotonic milliseconds, the next call may go, were there no burst. */
  #next = -Infinity;
  /** Ends when the last one in the queue had its turn. */
  #last: Promise<void> = Promise.resolve();

  constructor(limit: RateLimit, clock: PacingClock) {
    this.#limit = limit;
    this.#clock = clock;
  }

  /** Resolves when it is this call's turn. Who gives up while waiting takes no turn. */
  take(signal: AbortSignal): Promise<void> {
    // One after the other: after a pause of this process no more go at once than the burst allows.
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

  /** The platform said that it was too much: nobody goes for `delayMs`. */
  hold(delayMs: number): void {
    this.#next = Math.max(this.#next, this.#clock.monotonic() + delayMs);
  }
}

/** The buckets of this process, by what the platform counts: account, region, operation. */
export class RateLimits {
  readonly #clock: PacingClock;
  readonly #buckets = new Map<string, TokenBucket>();

  constructor(clock: PacingClock) {
    this.#clock = clock;
  }

  /** The same key gives the same bucket, whoever asks: platforms count by account, not by resource. */
  bucket(key: string, limit: RateLimit): TokenBucket {
    const known = this.#buckets.get(key);
    if (known !== undefined) return known;
    const made = new TokenBucket(limit, this.#clock);
    this.#buckets.set(key, made);
    return made;
  }
}
