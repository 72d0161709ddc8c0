import { getSetCookies, Headers as UndiciHeaders } from 'undici';

/** Bounds what a server can make this process keep. */
const MAX_COOKIES = 20;
const MAX_COOKIE_LENGTH = 4_096;

/**
 * Cookies of one chain of requests, such as those with which a CDN recognizes a player after a redirect. They go back to the
 * host that set them, and to no other.
 */
export class Cookies {
  readonly #byHost = new Map<string, Map<string, string>>();
  #count = 0;

  /** Keeps the cookies that an answer from `url` sets. `setCookie`: its headers of that name. */
  keep(url: URL, setCookie: string | readonly string[] = []): void {
    const list = new UndiciHeaders();
    for (const line of [setCookie].flat()) list.append('set-cookie', line);
    for (const { name, value } of getSetCookies(list)) {
      if (name.length + value.length > MAX_COOKIE_LENGTH) continue;
      const jar = this.#byHost.get(url.host) ?? new Map<string, string>();
      if (!jar.has(name) && ++this.#count > MAX_COOKIES) return;
      this.#byHost.set(url.host, jar.set(name, value));
    }
  }

  /** The header for a request to `url`; empty if there are no cookies for it. */
  for(url: URL): Readonly<Record<string, string>> {
    const jar = this.#byHost.get(url.host);
    if (jar === undefined) return {};
    return { cookie: [...jar].map(([name, value]) => `${name}=${value}`).join('; ') };
  }
}
