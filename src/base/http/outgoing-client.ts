import { Agent, request, type Dispatcher } from 'undici';
import { unlessAborted } from '../abort.ts';
import { CodedError } from '../errors.ts';
import type { AllowedAddresses } from './allowed-addresses.ts';
import { Cookies } from './cookies.ts';
import { readText } from './read-body.ts';

/** What an OutgoingClient needs. */
export interface OutgoingClientOptions {
  readonly addresses: AllowedAddresses;
  /** PEM of authorities to trust instead of the system's. */
  readonly ca?: string;
}

/** One request, with every limit that applies to it. */
export interface OutgoingRequest {
  readonly method?: 'GET' | 'POST';
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** For the whole exchange, redirects included. */
  readonly timeoutMs: number;
  /** Of the answer. */
  readonly maxBytes: number;
  /** Only the status of the answer matters: its body may be longer, and is not returned. */
  readonly statusOnly?: boolean;
  /** How many redirects are followed. Default: none; the redirect itself is then the answer. */
  readonly redirects?: number;
  /** Whether this process knows the host itself, e.g. from its configuration, so that it may have a private address. */
  readonly isKnown?: (url: URL) => boolean;
  /** Kept over several requests. Default: for the redirects of this one. */
  readonly cookies?: Cookies;
  readonly signal: AbortSignal;
}

/** An answer that was read to its end. */
export interface OutgoingAnswer {
  readonly status: number;
  /** The last URL, after redirects. */
  readonly url: URL;
  readonly text: string;
}

/** The request was not sent, or not to its end, because of where it leads. */
export class DestinationRefused extends CodedError {
  override readonly name = 'DestinationRefused';
  readonly code = 'DESTINATION_REFUSED';
  readonly retryable = false;
}

/** The server did not answer in time, or the request was aborted. */
class OutgoingTimeout extends CodedError {
  override readonly name = 'OutgoingTimeout';
  readonly code = 'OUTGOING_TIMEOUT';
  readonly retryable = true;
}

const REDIRECTS = new Set([301, 302, 303, 307, 308]);
/** Of the page that accompanies a redirect, which is not shown. */
const MAX_REDIRECT_BYTES = 16 * 1024;
const CONNECT_TIMEOUT_MS = 5_000;
const CONNECTIONS_PER_HOST = 4;

/**
 * Sends requests to addresses that others can influence. Every address on the way is checked, names by the socket's
 * own lookup; answers and times are bounded; a redirect leads neither to a private address nor from HTTPS to HTTP.
 */
export class OutgoingClient implements AsyncDisposable {
  readonly #addresses: AllowedAddresses;
  readonly #public: Agent;
  readonly #any: Agent;

  constructor({ addresses, ca }: OutgoingClientOptions) {
    this.#addresses = addresses;
    const common = { timeout: CONNECT_TIMEOUT_MS, ...(ca === undefined ? {} : { ca }) };
    const options = {
      connections: CONNECTIONS_PER_HOST,
      // No connection is kept alive, so that the host name is resolved again for each request.
      pipelining: 0,
    };
    this.#public = new Agent({ ...options, connect: { ...common, lookup: addresses.lookup } });
    this.#any = new Agent({ ...options, connect: common });
  }

  /**
   * @throws DestinationRefused, and UserError for a private address; BodyTooLarge; errors of the connection. None contains
   * more of the URL than its host.
   */
  async send(start: string | URL, options: OutgoingRequest): Promise<OutgoingAnswer> {
    const { redirects = 0, cookies = new Cookies(), maxBytes, timeoutMs } = options;
    const signal = AbortSignal.any([options.signal, AbortSignal.timeout(timeoutMs)]);
    let url = new URL(start);
    for (let followed = 0; ; followed += 1) {
      const answer = await this.#exchange(url, { ...options, signal, cookies });
      const { statusCode: status, headers, body } = answer;
      cookies.keep(url, headers['set-cookie']);
      const location = REDIRECTS.has(status) && redirects > 0 ? headers.location : undefined;
      if (location === undefined) {
        const text = options.statusOnly === true ? discard(body, maxBytes) : readText(body, maxBytes);
        return { status, url, text: await unlessAborted(text, signal, timedOut(url)) };
      }
      await unlessAborted(discard(body, MAX_REDIRECT_BYTES), signal, timedOut(url));
      if (followed >= redirects)
        throw new DestinationRefused(`${url.host} redirects more than ${redirects} times`);
      url = redirected(url, location);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([this.#public.destroy(), this.#any.destroy()]);
  }

  async #exchange(
    url: URL,
    options: OutgoingRequest & { readonly cookies: Cookies },
  ): Promise<Dispatcher.ResponseData> {
    const { method = 'GET', headers = {}, body = null, cookies, signal, isKnown } = options;
    if (url.protocol !== 'http:' && url.protocol !== 'https:')
      throw new DestinationRefused(`${url.protocol} is not a protocol of the web`);
    const known = isKnown?.(url) ?? false;
    if (!known) this.#addresses.check(url);
    const answer = request(url, {
      ...{ method, body, signal },
      headers: { ...headers, ...cookies.for(url) },
      dispatcher: known ? this.#any : this.#public,
    });
    // undici handles an abort only once the request has a connection.
    return unlessAborted(answer, signal, timedOut(url));
  }
}

/** Reads a little, so that a server that writes before it closes does not see an error. */
async function discard(body: Dispatcher.ResponseData['body'], maxBytes: number): Promise<string> {
  await body.dump({ limit: maxBytes }).catch(() => undefined);
  return '';
}

function redirected(from: URL, location: string | string[]): URL {
  const target = typeof location === 'string' ? location : (location[0] ?? '');
  if (!URL.canParse(target, from.href)) throw new DestinationRefused(`${from.host} redirects to no URL`);
  const url = new URL(target, from);
  if (from.protocol === 'https:' && url.protocol !== 'https:')
    throw new DestinationRefused(`${from.host} redirects from HTTPS to ${url.protocol}//`);
  return url;
}

const timedOut = (url: URL) => (): Error => new OutgoingTimeout(`${url.host} did not answer in time`);
