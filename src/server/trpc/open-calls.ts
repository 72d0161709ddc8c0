import type { ServerResponse } from 'node:http';

/** The signals of the calls that are under way: each aborts when its client is gone, its time is up, or all must end. */
export class OpenCalls {
  readonly #open = new Set<AbortController>();
  #closed = false;

  /** `limitMs` undefined: as long as it likes. */
  signalFor(response: ServerResponse, limitMs: number | undefined): AbortSignal {
    const call = new AbortController();
    const timer =
      limitMs === undefined
        ? undefined
        : setTimeout(() => {
            call.abort(new DOMException('The call took too long', 'TimeoutError'));
          }, limitMs);
    this.#open.add(call);
    response.once('close', () => {
      clearTimeout(timer);
      this.#open.delete(call);
      call.abort();
    });
    if (this.#closed) call.abort();
    return call.signal;
  }

  closeAll(): void {
    this.#closed = true;
    for (const call of this.#open) call.abort();
  }
}
