import type { SecretText } from '../base/secret-text.ts';
import { secretsEqual } from '../base/digest.ts';

/** Whether an Authorization header carries the token. Takes the same time whatever is wrong with it. */
export function carriesToken(header: string | undefined, token: SecretText): boolean {
  const given = /^Bearer +(\S+)$/i.exec(header ?? '')?.[1] ?? '';
  return secretsEqual(given, token.reveal());
}
