/** Passed to a token function. */
export interface TokenRequest {
  /** true: the service refused the token of the previous call. Return a new one, not a cached one. */
  readonly expired: boolean;
}

/**
 * A token, or a function that returns the current one. The function is called for each request; if the service answers
 * 401, it is called once more with `expired: true`, and the request is repeated with what it returns.
 */
export type TokenSource = string | TokenFunction;
type TokenFunction = (request: TokenRequest) => string | undefined | Promise<string | undefined>;

/** Sends requests with a token, and renews it when it is refused. Requests that fail together renew it once. */
export class Authorization {
  readonly #source: TokenSource | undefined;
  #renewal: Renewal | undefined;

  constructor(source: TokenSource | undefined) {
    this.#source = source;
  }

  /** Like fetch. 401 means that the service did nothing, so any request may be repeated. */
  readonly fetch = async (url: string | URL | Request, init: RequestInit = {}): Promise<Response> => {
    const source = this.#source;
    if (typeof source !== 'function') return fetch(url, withToken(init, source));
    const token = await source({ expired: false });
    const response = await fetch(url, withToken(init, token));
    if (response.status !== 401) return response;
    const renewed = await this.#renewed(token, source);
    if (renewed === undefined || renewed === token) return response;
    await response.body?.cancel();
    const repeated = await fetch(url, withToken(init, renewed));
    // What was renewed has expired as well, in an app that does not keep the new token.
    if (repeated.status === 401) this.#renewal = undefined;
    return repeated;
  };

  async #renewed(refused: string | undefined, source: TokenFunction): Promise<string | undefined> {
    const renewal =
      this.#renewal !== undefined && this.#renewal.refused === refused
        ? this.#renewal
        : { refused, token: Promise.resolve(source({ expired: true })) };
    this.#renewal = renewal;
    const token = await renewal.token.catch((error: unknown) => {
      this.#renewal = undefined;
      throw error;
    });
    if (token === undefined || token === refused) this.#renewal = undefined;
    return token;
  }
}

interface Renewal {
  readonly refused: string | undefined;
  readonly token: Promise<string | undefined>;
}

function withToken(init: RequestInit, token: string | undefined): RequestInit {
  if (token === undefined) return init;
  const headers = new Headers(init.headers);
  headers.set('authorization', `Bearer ${token}`);
  return { ...init, headers };
}
