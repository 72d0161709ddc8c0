import { scopes, type Caller, type Scope } from '../service.ts';

/** Who it is, and until when the credentials themselves are good. */
export interface Accepted {
  readonly caller: Caller;
  readonly expiresAt?: Date | undefined;
}

/**
 * Tells whose token it is.
 *
 * @throws Problem not-authenticated (a refusal: the token is no good), or one that says that nobody can tell just now.
 */
export type Verify = (token: string, signal: AbortSignal) => Promise<Accepted>;

/** The most that these grants amount to. */
export function highestOf(granted: readonly string[]): Scope | undefined {
  return scopes.findLast((scope) => granted.includes(scope));
}
