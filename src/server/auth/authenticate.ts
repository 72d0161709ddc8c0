import type { Caller } from '../service.ts';

/** What authentication reads of a request. */
export interface Credentials {
  readonly authorization?: string | undefined;
}

/**
 * Who asks. Without credentials that is `anonymous`, who has no scope; credentials that are wrong are refused, also
 * where none were needed. `address` is where the request comes from: many wrong attempts from there are put off.
 *
 * @throws Problem not-authenticated, too-many-requests, or kubernetes-, store- or issuer-unavailable where who could
 *   tell does not answer.
 */
export type Authenticate = (headers: Credentials, signal: AbortSignal, address?: string) => Promise<Caller>;

export const anonymous: Caller = { subject: 'anonymous', scope: undefined };
