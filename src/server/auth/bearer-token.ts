import { hash } from 'node:crypto';
import { decodeJwt } from 'jose';
import { refusal } from './refusal.ts';

/** RFC 6750, 2.1: scheme without regard to case, then b64token. Tokens of Kubernetes and of issuers have 1 to 4 KiB. */
const bearer = /^bearer +([A-Za-z0-9\-._~+/]{1,8192}={0,2})$/i;

export function bearerToken(authorization: string): string {
  const [, token] = bearer.exec(authorization.trim()) ?? [];
  if (token !== undefined) return token;
  throw refusal('Send credentials as Authorization: Bearer TOKEN');
}

/** What a token is remembered by: the token itself is kept nowhere. */
export function fingerprint(token: string): string {
  return hash('sha256', token, 'base64');
}

/** What a JWT says of itself, believed by nobody; undefined for what is no JWT. */
export function unverifiedClaims(
  token: string,
): { readonly iss?: unknown; readonly exp?: unknown } | undefined {
  try {
    return decodeJwt(token);
  } catch {
    return undefined;
  }
}
