import { hash } from 'node:crypto';
import { decodeJwt } from 'jose';
import { refusal } from './refusal.ts';

/** RFC 6750, 2.1: a case-insensitive scheme, then b64token. Tokens of Kubernetes and of issuers have 1 to 4 KiB. */
const bearer = /^bearer +([A-Za-z0-9\-._~+/]{1,8192}={0,2})$/i;

/** The token of an Authorization header. @throws ApiProblem not-authenticated */
export function bearerToken(authorization: string): string {
  const [, token] = bearer.exec(authorization.trim()) ?? [];
  if (token !== undefined) return token;
  throw refusal('Send credentials as Authorization: Bearer TOKEN');
}

/** Hash by which caches identify a token, so that the token itself is not kept in memory. */
export function fingerprint(token: string): string {
  return hash('sha256', token, 'base64');
}

/** Claims of a JWT whose signature is not verified, so they must not be trusted; undefined: not a JWT. */
export function unverifiedClaims(
  token: string,
): { readonly iss?: unknown; readonly sub?: unknown; readonly exp?: unknown } | undefined {
  try {
    return decodeJwt(token);
  } catch {
    return undefined;
  }
}
