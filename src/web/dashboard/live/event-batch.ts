import type { LiveEvent } from './live-event.ts';

/** Collects events until the next frame, so that many of them cause one rendering. */
export class EventBatch {
  readonly #schedule: (flush: () => void) => void;
  readonly #apply: (events: readonly LiveEvent[]) => void;
  #numbers: LiveEvent | undefined;
  #others: LiveEvent[] = [];

  constructor(schedule: (flush: () => void) => void, apply: (events: readonly LiveEvent[]) => void) {
    this.#schedule = schedule;
    this.#apply = apply;
  }

  add(event: LiveEvent): void {
    const first = this.#numbers === undefined && this.#others.length === 0;
    // Numbers replace older ones.
    if (event.type === 'numbers') this.#numbers = event;
    else this.#others.push(event);
    if (first) this.#schedule(() => this.#flush());
  }

  #flush(): void {
    const events = [...this.#others, ...(this.#numbers === undefined ? [] : [this.#numbers])];
    this.#others = [];
    this.#numbers = undefined;
    this.#apply(events);
  }
}

/** Longest time without a frame: browsers draw none in hidden tabs, and events would pile up. */
const LONGEST_FRAME_MS = 1_000;

/** Calls back with the next frame of the browser, or after a second without one. */
export function nextFrame(callback: () => void): void {
  let called = false;
  const once = (): void => {
    if (called) return;
    called = true;
    clearTimeout(timer);
    cancelAnimationFrame(frame);
    callback();
  };
  const frame = requestAnimationFrame(once);
  const timer = setTimeout(once, LONGEST_FRAME_MS);
}
