/**
 * The prefix __Host- makes browsers refuse the cookie unless it is Secure, has the path / and no domain, so that neither
 * another host of the domain nor a page without TLS can set it. http://localhost counts as secure.
 */
export const SESSION_COOKIE = '__Host-livechannel';
/** Between the start of an OIDC login and its callback. */
export const LOGIN_COOKIE = '__Host-livechannel-login';

const MAX_HEADER_CHARACTERS = 16_384;

/** The value of a cookie in the header Cookie (RFC 6265, 4.2.1); undefined: absent or empty. */
export function cookieIn(header: string | undefined, name: string): string | undefined {
  if (header === undefined || header.length > MAX_HEADER_CHARACTERS) return undefined;
  for (const pair of header.split(';')) {
    const [key = '', ...value] = pair.split('=');
    if (key.trim() === name) return value.join('=').trim() || undefined;
  }
  return undefined;
}

/**
 * The header Set-Cookie for a value. SameSite=Lax only where a page of another site must be able to navigate with it.
 * A life of 0 deletes the cookie.
 */
export function setCookie(
  name: string,
  value: string,
  { lifeMs, sameSite = 'Strict' }: { readonly lifeMs: number; readonly sameSite?: 'Strict' | 'Lax' },
): string {
  const seconds = Math.max(0, Math.floor(lifeMs / 1_000));
  return `${name}=${value}; Path=/; Max-Age=${seconds}; HttpOnly; Secure; SameSite=${sameSite}`;
}

export function deleteCookie(name: string): string {
  return setCookie(name, '', { lifeMs: 0 });
}
