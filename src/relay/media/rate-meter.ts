/** Until so much was seen, a rate is told as if this long had passed. */
const LEAST_MS = 1_000;

/** Events and their sizes over the last seconds, or since the first of them. */
export class RateMeter {
  readonly #windowMs: number;
  readonly #entries: { at: number; size: number }[] = [];
  /** When there was something after nothing had been for a whole window. */
  #begunAt = 0;
  #size = 0;

  constructor(windowMs: number) {
    this.#windowMs = windowMs;
  }

  add(at: number, size: number): void {
    this.#forget(at);
    if (this.#entries.length === 0) this.#begunAt = at;
    this.#entries.push({ at, size });
    this.#size += size;
  }

  perSecond(now: number): { count: number; size: number } {
    this.#forget(now);
    const seconds = Math.min(this.#windowMs, Math.max(now - this.#begunAt, LEAST_MS)) / 1_000;
    return { count: this.#entries.length / seconds, size: this.#size / seconds };
  }

  #forget(now: number): void {
    const kept = this.#entries.findIndex(({ at }) => at > now - this.#windowMs);
    for (const { size } of this.#entries.splice(0, kept === -1 ? Infinity : kept)) this.#size -= size;
  }
}
