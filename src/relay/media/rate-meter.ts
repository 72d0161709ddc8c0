/** Shortest duration over which a rate is computed, so that the first events do not result in a huge rate. */
const MIN_SPAN_MS = 1_000;

/** Rate of events and of their sizes over the last seconds, or since the first event. */
export class RateMeter {
  readonly #windowMs: number;
  readonly #entries: { at: number; size: number }[] = [];
  /** When the first event after an empty window occurred. */
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
    const seconds = Math.min(this.#windowMs, Math.max(now - this.#begunAt, MIN_SPAN_MS)) / 1_000;
    return { count: this.#entries.length / seconds, size: this.#size / seconds };
  }

  #forget(now: number): void {
    const kept = this.#entries.findIndex(({ at }) => at > now - this.#windowMs);
    for (const { size } of this.#entries.splice(0, kept === -1 ? Infinity : kept)) this.#size -= size;
  }
}
