import type { NumbersEvent, ServerEvent } from '../../contract/events.ts';
import { ApiProblem } from '../../problems.ts';

/** Maximum number of events queued for a slow subscriber. */
const MAX_QUEUE_LENGTH = 512;

/** The event queue of one subscriber. Can be iterated over once. */
export class Subscription implements AsyncIterable<ServerEvent> {
  readonly #first: Iterable<ServerEvent>;
  readonly #onEnd: (subscription: Subscription) => void;
  #waiting: ServerEvent[] = [];
  /** The newest numbers, if they have not been read yet. */
  #numbers: NumbersEvent | undefined;
  #state: 'open' | 'ended' | 'cut' = 'open';
  #resume: (() => void) | undefined;

  /** Events of `first` are delivered before those that are pushed. */
  constructor(first: Iterable<ServerEvent>, onEnd: (subscription: Subscription) => void) {
    this.#first = first;
    this.#onEnd = onEnd;
  }

  /** Queues an event. Returns false if the queue was full, which ends the subscription. */
  push(event: ServerEvent): boolean {
    if (this.#state !== 'open') return true;
    if (this.#waiting.length >= MAX_QUEUE_LENGTH) {
      this.#waiting = [];
      this.#over('cut');
      return false;
    }
    this.#waiting.push(event);
    this.#resume?.();
    return true;
  }

  /** Queues numbers behind all other events. They replace those that have not been read, which are out of date. */
  replaceNumbers(event: NumbersEvent): void {
    if (this.#state !== 'open') return;
    this.#numbers = event;
    this.#resume?.();
  }

  end(): void {
    if (this.#state === 'open') this.#over('ended');
  }

  /** @throws ApiProblem subscriber-too-slow */
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
          throw new ApiProblem('subscriber-too-slow', `More than ${MAX_QUEUE_LENGTH} events were queued.`);
        if (this.#state === 'ended') return;
        if (this.#waiting.length > 0) continue;
        const numbers = this.#numbers;
        this.#numbers = undefined;
        if (numbers !== undefined) {
          yield numbers;
          continue;
        }
        await new Promise<void>((resolve) => {
          this.#resume = resolve;
        });
        this.#resume = undefined;
      }
    } finally {
      this.end();
    }
  }

  #over(how: 'ended' | 'cut'): void {
    this.#state = how;
    this.#onEnd(this);
    this.#resume?.();
  }
}
