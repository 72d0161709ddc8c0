/** A browser as far as cookies and the headers about the requesting page are concerned. */
export class BrowserDouble {
  readonly #url: () => string;
  readonly cookies = new Map<string, string>();
  /** The last headers Set-Cookie, as they were sent. */
  setCookies: readonly string[] = [];

  /** `url`: the current address of the service. */
  constructor(url: () => string) {
    this.#url = url;
  }

  /** Navigates to an address, or reads one; redirects are not followed. */
  get(path: string): Promise<Response> {
    return this.send('GET', path, undefined, { 'sec-fetch-site': 'same-origin' });
  }

  /** What a script of the service's own page sends. */
  post(path: string, body?: unknown): Promise<Response> {
    return this.send('POST', path, body, { 'sec-fetch-site': 'same-origin', origin: this.#url() });
  }

  /** A request with these headers, and with the cookies. */
  async send(
    method: string,
    path: string,
    body: unknown,
    headers: Readonly<Record<string, string>>,
  ): Promise<Response> {
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const answer = await fetch(this.#url() + path, {
      method,
      redirect: 'manual',
      headers: {
        ...(method === 'GET' ? {} : { 'content-type': 'application/json' }),
        ...(cookie === '' ? {} : { cookie }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    this.setCookies = answer.headers.getSetCookie();
    for (const each of this.setCookies) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(each) ?? [];
      if (value === '') this.cookies.delete(name);
      else this.cookies.set(name, value);
    }
    return answer;
  }
}
