import type { IncomingHttpHeaders } from 'node:http';
import { ApiProblem } from '../../problems.ts';

/** The parts of a request that say where it comes from. */
export interface Requesting {
  readonly method: string;
  readonly headers: IncomingHttpHeaders;
  /** Host and port that the client requested. */
  readonly host: string;
}

/**
 * Why a request with the cookie of a session is not one of the service's own pages; undefined: it is, or it has no effect.
 * The cookie is SameSite=Strict, and this is the second barrier: another host of the same site is not trusted either.
 */
export function crossSiteProblem(request: Requesting): ApiProblem | undefined {
  if (request.method === 'GET' || request.method === 'HEAD') return undefined;
  if (originOf(request) !== 'own')
    return new ApiProblem(
      'cross-site-request',
      'With a session, changes are accepted from pages of the service only. Programs send an API key instead.',
    );
  // A page of another site can send other types without asking first (a preflight of CORS).
  if (isJson(request.headers['content-type'])) return undefined;
  return new ApiProblem('unsupported-media-type', 'With a session, send Content-Type: application/json.');
}

/**
 * Which page sent the request: of this origin, of another one, or, without the headers of a browser, unknown. Browsers send
 * Sec-Fetch-Site to addresses with TLS and to localhost, and Origin with every method except GET and HEAD.
 */
export function originOf({
  headers,
  host,
}: Pick<Requesting, 'headers' | 'host'>): 'own' | 'other' | 'unknown' {
  const site = headers['sec-fetch-site'];
  if (site !== undefined) return site === 'same-origin' ? 'own' : 'other';
  const { origin } = headers;
  if (origin === undefined) return 'unknown';
  return URL.parse(origin)?.host === host ? 'own' : 'other';
}

function isJson(type: string | undefined): boolean {
  return /^application\/(?:merge-patch\+)?json\s*(?:;|$)/i.test(type ?? '');
}
