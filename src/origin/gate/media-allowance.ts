/** What a publisher may still send: it refills at the highest bitrate, up to a window of it. */
export class MediaAllowance {
  readonly #bytesPerMs: number;
  readonly #capacity: number;
  #left: number;
  #at: number;

  /** `now`: milliseconds of a monotonic clock, as in `take`. */
  constructor(maxBitrateKbps: number, windowSeconds: number, now: number) {
    this.#bytesPerMs = maxBitrateKbps / 8;
    this.#capacity = this.#bytesPerMs * windowSeconds * 1000;
    this.#left = this.#capacity;
    this.#at = now;
  }

  /** Whether the publisher is within its bitrate after another `bytes`. */
  take(bytes: number, now: number): boolean {
    const refilled = this.#left + (now - this.#at) * this.#bytesPerMs;
    this.#at = now;
    this.#left = Math.min(this.#capacity, refilled) - bytes;
    return this.#left >= 0;
  }
}
