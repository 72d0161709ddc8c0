import type { CallContext, Caller } from '../service.ts';

/** What authentication reads of a request. */
export interface Credentials {
  readonly authorization?: string | undefined;
}

/**
 * Who asks. Without credentials that is `anonymous`, who has no scope; credentials that are wrong are refused, also
 * where none were needed. `address` is where the request comes from: many wrong attempts from there are put off.
 * Callers who are known from a moment ago are given at once, all others by a promise; `signal` is looked at only then.
 *
 * @throws Problem not-authenticated, too-many-requests, or kubernetes-, store- or issuer-unavailable where who could
 *   tell does not answer.
 */
export type Authenticate = (
  headers: Credentials,
  call: Pick<CallContext, 'signal'>,
  address?: string,
) => Caller | Promise<Caller>;

export const anonymous: Caller = { subject: 'anonymous', scope: undefined };
