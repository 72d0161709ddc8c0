import type { ServerResponse } from 'node:http';
import { anonymous } from '../auth/authenticate.ts';
import { ApiProblem } from '../problems.ts';
import type { CallContext, Caller } from '../service.ts';

/** The call that a request makes. What is answered at once never looks at its signal: there is none until then. */
export class RestCall implements CallContext {
  caller: Caller = anonymous;
  readonly requestId: string;
  readonly #response: ServerResponse;
  readonly #limitMs: number | undefined;
  readonly #began = performance.now();
  #signal: AbortSignal | undefined;

  /** `limitMs`: so long after now its time is up; undefined: it goes on for as long as the caller listens. */
  constructor(requestId: string, response: ServerResponse, limitMs: number | undefined) {
    this.requestId = requestId;
    this.#response = response;
    this.#limitMs = limitMs;
  }

  /** Aborts with a Problem when its time is up, or nobody waits for the answer any more. */
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
