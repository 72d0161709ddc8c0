import { scopes, type Caller, type Scope } from '../service.ts';

/** The caller, and when the credentials expire. */
export interface Accepted {
  readonly caller: Caller;
  readonly expiresAt?: Date | undefined;
}

/**
 * Verifies a token.
 *
 * @throws ApiProblem not-authenticated (the token is rejected), or a retryable one if it cannot be verified now.
 */
export type Verify = (token: string, signal: AbortSignal) => Promise<Accepted>;

/** The highest of the granted scopes; undefined: none of them is a scope of the service. */
export function highestOf(granted: readonly string[]): Scope | undefined {
  return scopes.findLast((scope) => granted.includes(scope));
}
