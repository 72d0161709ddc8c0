import type { ServerResponse } from 'node:http';
import type { Clock } from '../base/clock.ts';
import { anonymous } from './auth/authenticate.ts';
import { ApiProblem } from './problems.ts';
import type { CallContext, Caller } from './service.ts';

/** A call whose duration can be limited. */
export interface OpenCall extends CallContext {
  caller: Caller;
  /** Sets the timeout, from now on, in place of an earlier one. */
  limit(milliseconds: number): void;
  /** Aborts the signal. */
  end(): void;
}

/** The call of a request that the router rejects: no hook has seen it. */
export const rejectedCall: OpenCall = {
  caller: anonymous,
  requestId: '',
  signal: new AbortController().signal,
  limit: () => undefined,
  end: () => undefined,
};

/**
 * The call of an HTTP request, by REST or tRPC. Without a limit, it lasts until the client disconnects. Its signal is
 * created on first use, because requests that are answered at once need none.
 */
export class HttpCall implements OpenCall {
  caller: Caller = anonymous;
  readonly requestId: string;
  readonly address: string | undefined;
  readonly #response: ServerResponse;
  readonly #clock: Pick<Clock, 'monotonic' | 'schedule'>;
  #controller: AbortController | undefined;
  #deadline: number | undefined;
  #stopTimer: (() => void) | undefined;

  /** @param address of the client, as Fastify derives it from the headers of trusted proxies */
  constructor(
    requestId: string,
    response: ServerResponse,
    clock: Pick<Clock, 'monotonic' | 'schedule'>,
    address?: string,
  ) {
    this.requestId = requestId;
    this.address = address;
    this.#response = response;
    this.#clock = clock;
  }

  /** Aborts with an ApiProblem on timeout, or when the client disconnects before the response is complete. */
  get signal(): AbortSignal {
    return this.#watched().signal;
  }

  limit(milliseconds: number): void {
    this.#deadline = this.#clock.monotonic() + milliseconds;
    if (this.#controller !== undefined) this.#startTimer(this.#controller);
  }

  end(): void {
    this.#watched().abort();
  }

  #watched(): AbortController {
    if (this.#controller !== undefined) return this.#controller;
    const controller = (this.#controller = new AbortController());
    const onClose = (): void => {
      this.#stopTimer?.();
      if (!this.#response.writableFinished)
        controller.abort(new ApiProblem('timeout', 'The client closed the connection.'));
    };
    if (this.#response.closed) onClose();
    else this.#response.once('close', onClose);
    this.#startTimer(controller);
    return controller;
  }

  #startTimer(controller: AbortController): void {
    this.#stopTimer?.();
    if (this.#deadline === undefined || this.#response.closed) return;
    this.#stopTimer = this.#clock.schedule(this.#deadline - this.#clock.monotonic(), () =>
      controller.abort(new ApiProblem('timeout', 'The request timed out.')),
    );
  }
}
