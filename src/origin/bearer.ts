import type { SecretText } from '../base/secret-text.ts';
import { secretsEqual } from '../base/digest.ts';

/** Whether an Authorization header contains the token. Takes the same time for every wrong token. */
export function carriesToken(header: string | undefined, token: SecretText): boolean {
  const given = /^Bearer +(\S+)$/i.exec(header ?? '')?.[1] ?? '';
  return secretsEqual(given, token.reveal());
}
