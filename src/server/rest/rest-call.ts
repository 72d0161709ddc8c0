import type { ServerResponse } from 'node:http';
import { anonymous } from '../auth/authenticate.ts';
import { ApiProblem } from '../problems.ts';
import type { CallContext, Caller } from '../service.ts';

/** The call of a request. Its signal is created on first use, because requests that are answered at once need none. */
export class RestCall implements CallContext {
  caller: Caller = anonymous;
  readonly requestId: string;
  readonly #response: ServerResponse;
  readonly #limitMs: number | undefined;
  readonly #began = performance.now();
  #signal: AbortSignal | undefined;

  /** `limitMs`: timeout of the call, from now on; undefined: the call lasts until the client disconnects. */
  constructor(requestId: string, response: ServerResponse, limitMs: number | undefined) {
    this.requestId = requestId;
    this.#response = response;
    this.#limitMs = limitMs;
  }

  /** Aborts with an ApiProblem on timeout, or when the client closes the connection. */
  get signal(): AbortSignal {
    this.#signal ??= this.#watch();
    return this.#signal;
  }

  #watch(): AbortSignal {
    const controller = new AbortController();
    const gone = (): void => {
      if (!this.#response.writableFinished)
        controller.abort(new ApiProblem('timeout', 'The client closed the connection.'));
    };
    if (this.#response.closed) {
      gone();
      return controller.signal;
    }
    const timer =
      this.#limitMs === undefined
        ? undefined
        : setTimeout(
            () => controller.abort(new ApiProblem('timeout', 'The request timed out.')),
            this.#began + this.#limitMs - performance.now(),
          );
    this.#response.once('close', () => {
      clearTimeout(timer);
      gone();
    });
    return controller.signal;
  }
}
