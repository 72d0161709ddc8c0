import { setImmediate as nextTurn } from 'node:timers/promises';
import { sleepOn, type Clock } from '../clock.ts';

interface Timer {
  readonly at: number;
  readonly order: number;
  readonly run: () => void;
}

/**
 * A clock that stands still until a test advances it.
 * @example
 * const clock = new FakeClock();
 * const nap = clock.sleep(5_000);
 * await clock.advance(5_000); // nap has resolved
 */
export class FakeClock implements Clock {
  #time = 0;
  #order = 0;
  readonly #start: number;
  readonly #timers = new Set<Timer>();

  constructor(start = new Date('2026-01-01T00:00:00Z')) {
    this.#start = start.getTime();
  }

  now(): Date {
    return new Date(this.#start + this.#time);
  }

  monotonic(): number {
    return this.#time;
  }

  schedule(delayMs: number, run: () => void): () => void {
    const timer = { at: this.#time + Math.max(delayMs, 0), order: this.#order++, run };
    this.#timers.add(timer);
    return () => {
      this.#timers.delete(timer);
    };
  }

  sleep(delayMs: number, signal?: AbortSignal): Promise<void> {
    return sleepOn(this, delayMs, signal);
  }

  /** Number of pending timers. */
  get pending(): number {
    return this.#timers.size;
  }

  /** Advances the clock, runs the timers that fall due in order, and lets promises settle after each of them. */
  async advance(milliseconds: number): Promise<void> {
    const end = this.#time + milliseconds;
    await nextTurn();
    for (let timer = this.#next(end); timer !== undefined; timer = this.#next(end)) {
      this.#timers.delete(timer);
      this.#time = Math.max(this.#time, timer.at);
      timer.run();
      await nextTurn();
    }
    this.#time = end;
    await nextTurn();
  }

  #next(end: number): Timer | undefined {
    let first: Timer | undefined;
    for (const timer of this.#timers) {
      if (timer.at > end) continue;
      if (first === undefined || timer.at < first.at || (timer.at === first.at && timer.order < first.order))
        first = timer;
    }
    return first;
  }
}
