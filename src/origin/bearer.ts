import { createHash, timingSafeEqual } from 'node:crypto';
import type { SecretText } from '../base/secret-text.ts';

/** Whether an Authorization header carries the token. Takes the same time whatever is wrong with it. */
export function carriesToken(header: string | undefined, token: SecretText): boolean {
  const given = /^Bearer +(\S+)$/i.exec(header ?? '')?.[1] ?? '';
  // Hashes have one length, which timingSafeEqual asks for.
  return timingSafeEqual(digest(given), digest(token.reveal()));
}

function digest(value: string): Buffer {
  return createHash('sha256').update(value).digest();
}
