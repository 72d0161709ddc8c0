import { loginScopes, type LoginScope } from '../../../server/contract/sessions.ts';
import type { Session } from './session.ts';

/** Whether a session may do what requires a scope. Each scope includes those before it. */
export function mayUse({ scope }: Pick<Session, 'scope'>, needed: LoginScope): boolean {
  const scopes: readonly string[] = loginScopes;
  return scopes.indexOf(scope) >= scopes.indexOf(needed);
}
