import { anonymous, type Authenticate } from '../../../src/server/auth/authenticate.ts';
import { refusal } from '../../../src/server/auth/refusal.ts';
import { scopes } from '../../../src/server/service.ts';

/** Tokens are the names of scopes. */
export const authenticateByScope: Authenticate = async ({ authorization }) => {
  if (authorization === undefined) return anonymous;
  const scope = scopes.find((each) => authorization === `Bearer ${each}`);
  if (scope === undefined) throw refusal('The API key does not exist');
  return { subject: `test:${scope}`, scope };
};
