import { timingSafeEqual } from 'node:crypto';
import { SecretText } from '../../base/secret-text.ts';
import { sha256 } from '../../base/digest.ts';

export const API_KEY_PREFIX = 'lc_';
const ID_LENGTH = 12;
const SECRET_BYTES = 32;
const digits = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/**
 * `lc_<id>_<secret>`: the id, in letters and digits, is shown and logged; the secret is 32 random bytes as base64url.
 * Programs that look for leaked secrets know it by its beginning.
 */
const form = /^lc_([0-9A-Za-z]{12,32})_([A-Za-z0-9_-]{43})$/;

export interface ApiKey {
  readonly id: string;
  readonly secret: SecretText;
}

/** undefined: no key at all, whatever the database holds. */
export function parseApiKey(text: string): ApiKey | undefined {
  const [, id, secret] = form.exec(text) ?? [];
  return id === undefined || secret === undefined ? undefined : { id, secret: new SecretText(secret) };
}

export function apiKeyText({ id, secret }: ApiKey): string {
  return `${API_KEY_PREFIX}${id}_${secret.reveal()}`;
}

export function newApiKey(random: (bytes: number) => Buffer): ApiKey {
  return { id: randomId(random), secret: new SecretText(random(SECRET_BYTES).toString('base64url')) };
}

/** 32 random bytes cannot be guessed or looked up: a slow hash, as for passwords, would add nothing but load. */
export function hashOf(secret: SecretText): Buffer {
  return sha256(secret.reveal());
}

/** In the same time whether it is nearly right or not at all. */
export function isSecretOf(secret: SecretText, hash: Uint8Array): boolean {
  const own = hashOf(secret);
  return hash.byteLength === own.byteLength && timingSafeEqual(own, hash);
}

function randomId(random: (bytes: number) => Buffer): string {
  let id = '';
  while (id.length < ID_LENGTH)
    for (const byte of random(ID_LENGTH))
      // Each digit as likely as any other: 248 is the greatest multiple of 62 that a byte holds.
      if (byte < 248 && id.length < ID_LENGTH) id += digits.charAt(byte % digits.length);
  return id;
}
