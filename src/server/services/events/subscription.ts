import type { ServerEvent } from '../../contract.ts';
import { ApiProblem } from '../../problems.ts';

/** So many events may wait for one who reads slowly. */
const MOST_WAITING = 512;

/** One who is told what happens. Iterated over once. */
export class Subscription implements AsyncIterable<ServerEvent> {
  readonly #first: Iterable<ServerEvent>;
  readonly #onEnd: (subscription: Subscription) => void;
  #waiting: ServerEvent[] = [];
  #state: 'open' | 'ended' | 'cut' = 'open';
  #wake: (() => void) | undefined;

  /** `first` is told before all that is pushed. */
  constructor(first: Iterable<ServerEvent>, onEnd: (subscription: Subscription) => void) {
    this.#first = first;
    this.#onEnd = onEnd;
  }

  /** false: it did not keep up, and is over. */
  push(event: ServerEvent): boolean {
    if (this.#state !== 'open') return true;
    if (this.#waiting.length >= MOST_WAITING) {
      this.#waiting = [];
      this.#over('cut');
      return false;
    }
    this.#waiting.push(event);
    this.#wake?.();
    return true;
  }

  end(): void {
    if (this.#state === 'open') this.#over('ended');
  }

  /** @throws Problem subscriber-too-slow */
  async *[Symbol.asyncIterator](): AsyncGenerator<ServerEvent> {
    try {
      for (const event of this.#first) {
        if (this.#state !== 'open') break;
        yield event;
      }
      for (;;) {
        const batch = this.#waiting;
        this.#waiting = [];
        for (const event of batch) yield event;
        if (this.#state === 'cut')
          throw new ApiProblem('subscriber-too-slow', `More than ${MOST_WAITING} events were queued.`);
        if (this.#state === 'ended') return;
        if (this.#waiting.length > 0) continue;
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
        this.#wake = undefined;
      }
    } finally {
      this.end();
    }
  }

  #over(how: 'ended' | 'cut'): void {
    this.#state = how;
    this.#onEnd(this);
    this.#wake?.();
  }
}
