import type { Clock } from '../../../src/web/player/core/clock.ts';

interface Timer {
  readonly at: number;
  readonly run: () => void;
}

/** A clock that stands still until a test advances it. */
export class FakeClock implements Clock {
  #time = 0;
  readonly #start = Date.parse('2026-01-01T00:00:00Z');
  readonly #timers = new Set<Timer>();

  now(): Date {
    return new Date(this.#start + this.#time);
  }

  monotonic(): number {
    return this.#time;
  }

  schedule(delayMs: number, run: () => void): () => void {
    const timer = { at: this.#time + Math.max(delayMs, 0), run };
    this.#timers.add(timer);
    return () => {
      this.#timers.delete(timer);
    };
  }

  get pending(): number {
    return this.#timers.size;
  }

  /** Advances the clock, runs the timers that fall due in order, and lets promises settle after each. */
  async advance(milliseconds: number): Promise<void> {
    const end = this.#time + milliseconds;
    await settle();
    for (let timer = this.#next(end); timer !== undefined; timer = this.#next(end)) {
      this.#timers.delete(timer);
      this.#time = Math.max(this.#time, timer.at);
      timer.run();
      await settle();
    }
    this.#time = end;
    await settle();
  }

  #next(end: number): Timer | undefined {
    return [...this.#timers]
      .filter(({ at }) => at <= end)
      .reduce<Timer | undefined>(
        (first, each) => (first === undefined || each.at < first.at ? each : first),
        undefined,
      );
  }
}

/** Promises that depend on each other settle one after another. */
async function settle(): Promise<void> {
  for (let count = 0; count < 20; count++) await Promise.resolve();
}
