import type { ServerResponse } from 'node:http';

interface OpenCall {
  readonly end: AbortController;
  timer: NodeJS.Timeout | undefined;
}

/** The signals of the calls that are under way: each aborts when its client is gone, its time is up, or all must end. */
export class OpenCalls {
  readonly #open = new Map<AbortSignal, OpenCall>();
  #closed = false;

  signalFor(response: ServerResponse): AbortSignal {
    const call: OpenCall = { end: new AbortController(), timer: undefined };
    const { signal } = call.end;
    this.#open.set(signal, call);
    response.once('close', () => {
      clearTimeout(call.timer);
      this.#open.delete(signal);
      call.end.abort();
    });
    if (this.#closed) call.end.abort();
    return signal;
  }

  /** From now on it has so long. */
  limit(signal: AbortSignal, milliseconds: number): void {
    const call = this.#open.get(signal);
    if (call === undefined) return;
    call.timer = setTimeout(() => {
      call.end.abort(new DOMException('The call took too long', 'TimeoutError'));
    }, milliseconds);
  }

  closeAll(): void {
    this.#closed = true;
    for (const { end } of this.#open.values()) end.abort();
  }
}
