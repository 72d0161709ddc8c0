/** Events and their sizes over the last seconds. */
export class RateMeter {
  readonly #windowMs: number;
  #entries: { at: number; size: number }[] = [];

  constructor(windowMs: number) {
    this.#windowMs = windowMs;
  }

  add(at: number, size: number): void {
    this.#entries.push({ at, size });
    this.#forget(at);
  }

  perSecond(now: number): { count: number; size: number } {
    this.#forget(now);
    const seconds = this.#windowMs / 1_000;
    const size = this.#entries.reduce((sum, entry) => sum + entry.size, 0);
    return { count: this.#entries.length / seconds, size: size / seconds };
  }

  #forget(now: number): void {
    const kept = this.#entries.findIndex(({ at }) => at > now - this.#windowMs);
    this.#entries = kept === -1 ? [] : kept === 0 ? this.#entries : this.#entries.slice(kept);
  }
}
