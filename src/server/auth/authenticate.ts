import type { CallContext, Caller } from '../service.ts';

/** The parts of a request that authentication reads. */
export interface Credentials {
  readonly authorization?: string | undefined;
  /** Read only without `authorization`. */
  readonly cookie?: string | undefined;
}

/**
 * Finds the caller of a request. Without credentials that is `anonymous`, which has no scope. Wrong credentials are
 * rejected, even where none are required. The cookie of a session that has ended counts as none, because a browser sends it
 * with every request, whether the page needs it or not. `address` is that of the client, which is rate-limited after many wrong
 * attempts. Cached callers are returned synchronously, all others as a promise; `signal` is used only for the promise.
 *
 * @throws ApiProblem not-authenticated, ticket-expired, too-many-requests, or kubernetes-, store- or issuer-unavailable where the
 *   credentials cannot be verified now.
 */
export type Authenticate = (
  headers: Credentials,
  call: Pick<CallContext, 'signal'>,
  address?: string,
) => Caller | Promise<Caller>;

export const anonymous: Caller = { subject: 'anonymous', scope: undefined };

/**
 * The caller if public playback is enabled: a caller without a scope gets the scope `playback`, for channels with public
 * playback only. A ticket stays what it is: a ticket for its own channel.
 */
export function withPublicPlayback(caller: Caller): Caller {
  if (caller.scope !== undefined || caller.ticket !== undefined) return caller;
  return { ...caller, scope: 'playback', publicOnly: true };
}
