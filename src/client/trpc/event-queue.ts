/** Events that wait for a subscriber of the app; equal to what the service queues for one of its own. */
const MAX_QUEUED = 512;

/**
 * Turns the callbacks of a subscription into something to iterate. When the reader is too slow, it ends with an
 * AbortError, which tRPC does not pass on: the app's client reconnects and resumes after its last event.
 */
export class EventQueue<T> implements AsyncIterable<T> {
  readonly #events: T[] = [];
  #ended = false;
  #error: Error | undefined;
  #wake: (() => void) | undefined;

  push(event: T): void {
    if (this.#ended) return;
    if (this.#events.length < MAX_QUEUED) this.#events.push(event);
    else this.fail(new DOMException('The subscriber did not keep up; reconnect', 'AbortError'));
    this.#wake?.();
  }

  fail(error: Error): void {
    if (this.#ended) return;
    this.#error = error;
    this.end();
  }

  /** What is queued is still read. */
  end(): void {
    this.#ended = true;
    this.#wake?.();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<T, void, void> {
    for (;;) {
      const event = this.#events.shift();
      if (event !== undefined) yield event;
      else if (!this.#ended) await this.#more();
      else if (this.#error === undefined) return;
      else throw this.#error;
    }
  }

  async #more(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<undefined>();
    this.#wake = () => {
      resolve(undefined);
    };
    await promise;
  }
}
