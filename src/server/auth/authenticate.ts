import type { CallContext, Caller } from '../service.ts';

/** What authentication reads of a request. */
export interface Credentials {
  readonly authorization?: string | undefined;
}

/**
 * Finds the caller of a request. Without credentials that is `anonymous`, which has no scope; wrong credentials are
 * rejected, also where none are required. `address` is that of the client: after many wrong attempts it is rate-limited.
 * Cached callers are returned synchronously, all others as a promise; `signal` matters only then.
 *
 * @throws ApiProblem not-authenticated, too-many-requests, or kubernetes-, store- or issuer-unavailable where the
 *   credentials cannot be checked now.
 */
export type Authenticate = (
  headers: Credentials,
  call: Pick<CallContext, 'signal'>,
  address?: string,
) => Caller | Promise<Caller>;

export const anonymous: Caller = { subject: 'anonymous', scope: undefined };

/** The caller where public playback is enabled: one without a scope may do what a buyer's page needs. */
export function withPublicPlayback(caller: Caller): Caller {
  return caller.scope === undefined ? { ...caller, scope: 'playback' } : caller;
}
