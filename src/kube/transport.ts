import { Agent, errors as undiciErrors, request } from 'undici';
import type { Readable } from 'node:stream';
import { errorMessage } from '../base/error-text.ts';
import { readJson, readText } from '../base/http/read-body.ts';
import { backoffDelay, type BackoffPolicy } from '../base/backoff.ts';
import type { Clock } from '../base/clock.ts';
import type { Access } from './access.ts';
import { ApiError, ConnectionError, KubeError, TimeoutError } from './errors.ts';
import { apiErrorFrom, retryAfter } from './status-answer.ts';

/** Called after every exchange with the API server, including retries. */
export interface RequestObserver {
  /** `status` is the HTTP status, or `<error>` if there was no answer. */
  observe(exchange: { method: string; resource: string; status: string; seconds: number }): void;
}

export interface TransportOptions {
  readonly credentials: Access;
  readonly clock: Clock;
  readonly random: () => number;
  readonly userAgent: string;
  /** Maximum number of connections for calls. Each watch has a separate connection. */
  readonly connections: number;
  readonly observer?: RequestObserver | undefined;
}

export interface ApiRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly path: string;
  /** Names the request in errors, e.g. "get Pod shop/show-1-relay-0". */
  readonly what: string;
  /** Plural of the kind, for metrics. */
  readonly resource: string;
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>> | undefined;
  readonly body?: unknown;
  readonly contentType?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  /** For all attempts together. */
  readonly timeoutMs: number;
}

const MAX_RETRIES = 4;
/** The API server is trusted; this only keeps the process from dying of one answer. An object has at most some 1.5 MiB. */
const MAX_ANSWER_BYTES = 256 * 1024 * 1024;
const MAX_ERROR_BYTES = 1024 * 1024;
const RETRY_BACKOFF: BackoffPolicy = { initialMs: 100, maxMs: 5_000, factor: 3, jitter: 0.5 };

/**
 * JSON over two connection pools that live as long as the transport: a bounded one for calls and one for watches,
 * which would otherwise take all the connections of the first.
 */
export class Transport {
  readonly #options: TransportOptions;
  readonly #calls: Agent;
  readonly #watches: Agent;

  constructor(options: TransportOptions) {
    this.#options = options;
    // HTTP/1.1: a watch that is not read must not block the other streams of a shared HTTP/2 session.
    const common = { allowH2: false, connect: connectOptions(options.credentials), keepAliveTimeout: 30_000 };
    this.#calls = new Agent({ ...common, connections: options.connections, pipelining: 1 });
    this.#watches = new Agent({ ...common, pipelining: 1 });
  }

  /**
   * Sends a request and returns the decoded answer. Within the time limit, it retries any call that the server deferred
   * without doing anything (429, or an error with Retry-After), and reads that failed in transit or with 5xx.
   * @throws ApiError, ConnectionError, TimeoutError
   */
  async call(options: ApiRequest): Promise<unknown> {
    const { clock, random } = this.#options;
    const start = clock.monotonic();
    // If a read uses a kept connection that has died unnoticed, there is time left for another attempt.
    const timeouts = options.method === 'GET' ? { headersTimeout: options.timeoutMs / 3 } : {};
    const limit = new AbortController();
    const cancel = clock.schedule(options.timeoutMs, () => {
      limit.abort(new TimeoutError(`${options.what}: no answer within ${options.timeoutMs} ms`));
    });
    const forward = (): void => {
      limit.abort(options.signal?.reason);
    };
    if (options.signal?.aborted === true) forward();
    options.signal?.addEventListener('abort', forward, { once: true });
    try {
      for (let failures = 1; ; failures += 1) {
        try {
          const answer = await this.#exchange(options, this.#calls, limit.signal, timeouts);
          return await answer.decoded();
        } catch (error) {
          limit.signal.throwIfAborted();
          const delay = retryDelay(options.method, error, backoffDelay(RETRY_BACKOFF, failures, random));
          const left = options.timeoutMs - (clock.monotonic() - start);
          if (delay === undefined || failures > MAX_RETRIES || delay > left) throw error;
          await clock.sleep(delay, limit.signal);
          limit.signal.throwIfAborted();
        }
      }
    } finally {
      cancel();
      options.signal?.removeEventListener('abort', forward);
    }
  }

  /** Opens a stream. It fails if nothing arrives for `inactivityMs`. */
  async stream(options: ApiRequest & { readonly inactivityMs: number }): Promise<Readable> {
    const timeouts = { headersTimeout: options.timeoutMs, bodyTimeout: options.inactivityMs };
    const answer = await this.#exchange(options, this.#watches, options.signal, timeouts);
    return answer.body;
  }

  /** Closes all connections. Exchanges that are running fail. */
  async close(): Promise<void> {
    await Promise.all([this.#calls.destroy(), this.#watches.destroy()]);
  }

  async #exchange(
    options: ApiRequest,
    dispatcher: Agent,
    signal: AbortSignal | undefined,
    timeouts: { headersTimeout?: number; bodyTimeout?: number },
    refreshed = false,
  ): Promise<{ body: Readable; decoded: () => Promise<unknown> }> {
    const { credentials, clock, userAgent } = this.#options;
    const start = clock.monotonic();
    let status = '<error>';
    try {
      const authorization = await credentials.authorization(refreshed);
      const answer = await request(credentials.server + options.path + queryOf(options.query), {
        method: options.method,
        dispatcher,
        ...(signal === undefined ? {} : { signal }),
        ...timeouts,
        headers: {
          accept: 'application/json',
          'user-agent': userAgent,
          ...(authorization === undefined ? {} : { authorization }),
          ...(options.body === undefined
            ? {}
            : { 'content-type': options.contentType ?? 'application/json' }),
        },
        body: options.body === undefined ? null : JSON.stringify(options.body),
      });
      status = String(answer.statusCode);
      if (answer.statusCode >= 400) {
        const error = apiErrorFrom(
          options.what,
          answer.statusCode,
          await readText(answer.body, MAX_ERROR_BYTES),
          retryAfter(answer.headers['retry-after']),
        );
        // The token may have been replaced in its file since it was read.
        if (error.isUnauthorized && !refreshed)
          return await this.#exchange(options, dispatcher, signal, timeouts, true);
        throw error;
      }
      return { body: answer.body, decoded: () => decode(options.what, answer.body, signal) };
    } catch (error) {
      throw translate(options.what, error, signal);
    } finally {
      const seconds = (clock.monotonic() - start) / 1000;
      this.#options.observer?.observe({
        method: options.method,
        resource: options.resource,
        status,
        seconds,
      });
    }
  }
}

function connectOptions({ tls }: Access): NonNullable<Agent.Options['connect']> {
  const given = Object.entries(tls).filter(([, value]) => value !== undefined);
  return { ...Object.fromEntries(given), timeout: 10_000, keepAlive: true, keepAliveInitialDelay: 15_000 };
}

async function decode(what: string, body: Readable, signal: AbortSignal | undefined): Promise<unknown> {
  try {
    return await readJson(body, MAX_ANSWER_BYTES);
  } catch (error) {
    throw translate(what, error, signal);
  }
}

function queryOf(query: ApiRequest['query']): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query ?? {}))
    if (value !== undefined && value !== '') parameters.set(name, String(value));
  return parameters.size === 0 ? '' : `?${parameters.toString()}`;
}

function retryDelay(method: string, error: unknown, backoff: number): number | undefined {
  if (!(error instanceof KubeError) || !error.retryable) return undefined;
  const requested = error instanceof ApiError ? error.retryAfterMs : undefined;
  if (requested !== undefined) return Math.max(requested, backoff);
  const untouched = error instanceof ApiError && error.isTooManyRequests;
  return method === 'GET' || untouched ? backoff : undefined;
}

/** Converts undici's errors to this runtime's. If the caller aborted, the reason of its signal is returned. */
export function translate(what: string, error: unknown, signal: AbortSignal | undefined): unknown {
  if (error instanceof KubeError) return error;
  if (signal?.aborted === true) return signal.reason;
  const message = errorMessage(error);
  if (error instanceof undiciErrors.HeadersTimeoutError || error instanceof undiciErrors.BodyTimeoutError)
    return new TimeoutError(`${what}: ${message}`, { cause: error });
  return new ConnectionError(`${what}: ${message}`, { cause: error });
}
