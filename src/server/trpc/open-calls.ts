import type { ServerResponse } from 'node:http';
import type { Clock } from '../../base/clock.ts';
import { ApiProblem } from '../problems.ts';

interface OpenCall {
  readonly end: AbortController;
  stopTimer: (() => void) | undefined;
}

/** Signals of open calls. A signal aborts on disconnection of the client, on timeout, or when the server closes. */
export class OpenCalls {
  readonly #open = new Map<AbortSignal, OpenCall>();
  readonly #clock: Pick<Clock, 'schedule'>;
  #closed = false;

  constructor(clock: Pick<Clock, 'schedule'>) {
    this.#clock = clock;
  }

  signalFor(response: ServerResponse): AbortSignal {
    const call: OpenCall = { end: new AbortController(), stopTimer: undefined };
    const { signal } = call.end;
    this.#open.set(signal, call);
    response.once('close', () => {
      call.stopTimer?.();
      this.#open.delete(signal);
      call.end.abort();
    });
    if (this.#closed) call.end.abort();
    return signal;
  }

  /** Sets the timeout of a call, from now on. */
  limit(signal: AbortSignal, milliseconds: number): void {
    const call = this.#open.get(signal);
    if (call === undefined) return;
    call.stopTimer = this.#clock.schedule(milliseconds, () => {
      call.end.abort(new ApiProblem('timeout', 'The request timed out.'));
    });
  }

  closeAll(): void {
    this.#closed = true;
    for (const { end } of this.#open.values()) end.abort();
  }
}
