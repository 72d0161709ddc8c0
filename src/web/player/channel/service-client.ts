import { MOST_SAMPLES, clockSkewMs, type DateSample } from './clock-skew.ts';
import { parseJson } from './parsing.ts';
import { problemCode } from './service-views.ts';
import type { Clock } from '../core/clock.ts';

const TIMEOUT_MS = 10_000;
/** Longer than any answer that is read. */
const LONGEST_BODY = 256 * 1_024;
/** A ticket is a JWT; a longer text is a mistake of the app. */
const LONGEST_TICKET = 8_192;

export interface ServiceClientOptions {
  /** Address of the service. */
  readonly api: string;
  readonly channelId: string;
  /** Returns a ticket for the channel: called at first, and after the last one has expired. None for public channels. */
  readonly ticket?: (() => string | undefined | Promise<string | undefined>) | undefined;
  readonly fetch: typeof globalThis.fetch;
  readonly clock: Pick<Clock, 'now' | 'monotonic'>;
}

export type ServiceAnswer =
  | { readonly type: 'ok'; readonly body: unknown }
  | {
      readonly type: 'problem';
      readonly status: number;
      readonly code: string | undefined;
      readonly retryAfterSeconds: number | undefined;
    }
  /** No answer, or none that can be read. */
  | { readonly type: 'away' };

/** Calls the service for one channel, with a ticket that it renews. */
export class ServiceClient {
  readonly #options: ServiceClientOptions;
  readonly #base: string;
  #ticket: string | undefined;
  #pending: Promise<string | undefined> | undefined;
  #samples: readonly DateSample[] = [];

  constructor(options: ServiceClientOptions) {
    this.#options = options;
    this.#base = `${options.api.replace(/\/+$/, '')}/v1/channels/${encodeURIComponent(options.channelId)}`;
  }

  get hasTickets(): boolean {
    return this.#options.ticket !== undefined;
  }

  clockSkewMs(): number | undefined {
    return clockSkewMs(this.#samples);
  }

  /** The ticket has expired: the next call requests another one. */
  dropTicket(): void {
    this.#ticket = undefined;
  }

  /** `path` begins with a slash, or is empty for the channel itself. */
  async get(path: string, signal: AbortSignal): Promise<ServiceAnswer> {
    return this.#repeated(path, { method: 'GET' }, signal);
  }

  /** `body` is sent as JSON; undefined: none. A POST arrives also if the page is left meanwhile. */
  async send(method: string, path: string, body: unknown, signal: AbortSignal): Promise<ServiceAnswer> {
    const json = { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } };
    const init = { method, keepalive: method === 'POST', ...(body === undefined ? {} : json) };
    return this.#repeated(path, init, signal);
  }

  /**
   * Posts at the end of the page, without an answer. A beacon has no headers: the ticket is in the body, and the type is the
   * one that needs no preflight. What the browser does not take is dropped.
   */
  beacon(path: string, body: object): void {
    const text = JSON.stringify({ ...body, ticket: this.#ticket });
    navigator.sendBeacon(`${this.#base}${path}`, new Blob([text], { type: 'text/plain' }));
  }

  /** An event stream: the response as soon as its headers are there. */
  async stream(
    path: string,
    lastId: string | undefined,
    signal: AbortSignal,
  ): Promise<Response | ServiceAnswer> {
    const headers = {
      accept: 'text/event-stream',
      ...(lastId === undefined ? {} : { 'last-event-id': lastId }),
    };
    try {
      const response = await this.#send(path, { headers }, signal);
      if (response.ok && response.body !== null) return response;
      return this.#renewing(await answerOf(response));
    } catch {
      return { type: 'away' };
    }
  }

  /** Once more with another ticket, where the last one has expired. */
  async #repeated(path: string, init: RequestInit, signal: AbortSignal): Promise<ServiceAnswer> {
    const first = this.#renewing(await this.#call(path, init, signal));
    const expired = first.type === 'problem' && first.code === 'ticket-expired' && this.hasTickets;
    return expired ? this.#renewing(await this.#call(path, init, signal)) : first;
  }

  #renewing(answer: ServiceAnswer): ServiceAnswer {
    if (answer.type === 'problem' && answer.status === 401) this.dropTicket();
    return answer;
  }

  async #call(path: string, init: RequestInit, signal: AbortSignal): Promise<ServiceAnswer> {
    const limited = AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]);
    try {
      const sentMs = this.#options.clock.monotonic();
      const response = await this.#send(path, init, limited);
      this.#sampleDate(response, this.#options.clock.monotonic() - sentMs);
      return await answerOf(response);
    } catch {
      // The network, CORS, a time-out, or the app's own callback: the service cannot be asked now.
      return { type: 'away' };
    }
  }

  async #send(path: string, init: RequestInit, signal: AbortSignal): Promise<Response> {
    const headers = new Headers(init.headers);
    const ticket = await this.#currentTicket();
    if (ticket !== undefined) headers.set('authorization', `Bearer ${ticket}`);
    return this.#options.fetch(`${this.#base}${path}`, {
      ...init,
      headers,
      signal,
      cache: 'no-store',
      credentials: 'omit',
    });
  }

  async #currentTicket(): Promise<string | undefined> {
    const given = this.#ticket ?? (await this.#nextTicket());
    if (given === undefined) return undefined;
    if (typeof given !== 'string' || given.length > LONGEST_TICKET) throw new TypeError('not a ticket');
    this.#ticket = given;
    return given;
  }

  /** Requests at the same time share one ticket. */
  async #nextTicket(): Promise<string | undefined> {
    this.#pending ??= Promise.resolve(this.#options.ticket?.());
    try {
      return await this.#pending;
    } finally {
      this.#pending = undefined;
    }
  }

  /** Across origins, the header is readable only if the service exposes it. */
  #sampleDate(response: Response, roundTripMs: number): void {
    const serverMs = Date.parse(response.headers.get('date') ?? '');
    if (Number.isNaN(serverMs)) return;
    const sample = { serverMs, receivedMs: this.#options.clock.now().getTime(), roundTripMs };
    this.#samples = [...this.#samples, sample].slice(-MOST_SAMPLES);
  }
}

async function answerOf(response: Response): Promise<ServiceAnswer> {
  if (Number(response.headers.get('content-length') ?? 0) > LONGEST_BODY) {
    await response.body?.cancel();
    return { type: 'away' };
  }
  const text = await response.text();
  if (text.length > LONGEST_BODY) return { type: 'away' };
  const body = parseJson(text);
  if (response.ok) return { type: 'ok', body };
  const retryAfter = Number(response.headers.get('retry-after') ?? NaN);
  return {
    type: 'problem',
    status: response.status,
    code: problemCode(body),
    retryAfterSeconds: retryAfter > 0 && retryAfter <= 3_600 ? retryAfter : undefined,
  };
}
