import { timingSafeEqual } from 'node:crypto';
import { SecretText } from '../../base/secret-text.ts';
import { sha256 } from '../../base/digest.ts';

export const API_KEY_PREFIX = 'lc_';
const ID_LENGTH = 12;
const SECRET_BYTES = 32;
const digits = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/**
 * `lc_<id>_<secret>`: the id, in letters and digits, is shown and logged; the secret is 32 random bytes as base64url. The
 * prefix lets secret scanners recognize a leaked key.
 */
const form = /^lc_([0-9A-Za-z]{12,32})_([A-Za-z0-9_-]{43})$/;

/** A parsed or new API key. */
export interface ApiKey {
  readonly id: string;
  readonly secret: SecretText;
}

/** Parses an API key; undefined: the text does not have the form of one. */
export function parseApiKey(text: string): ApiKey | undefined {
  const [, id, secret] = form.exec(text) ?? [];
  return id === undefined || secret === undefined ? undefined : { id, secret: new SecretText(secret) };
}

export function apiKeyText({ id, secret }: ApiKey): string {
  return `${API_KEY_PREFIX}${id}_${secret.reveal()}`;
}

/** Creates a key from random bytes, which `random` returns. */
export function newApiKey(random: (bytes: number) => Buffer): ApiKey {
  return { id: randomId(random), secret: new SecretText(random(SECRET_BYTES).toString('base64url')) };
}

/** SHA-256 suffices: 32 random bytes cannot be guessed, so a slow password hash would only add load. */
export function hashOf(secret: SecretText): Buffer {
  return sha256(secret.reveal());
}

/** Compares in constant time. */
export function isSecretOf(secret: SecretText, hash: Uint8Array): boolean {
  const own = hashOf(secret);
  return hash.byteLength === own.byteLength && timingSafeEqual(own, hash);
}

function randomId(random: (bytes: number) => Buffer): string {
  let id = '';
  while (id.length < ID_LENGTH)
    for (const byte of random(ID_LENGTH))
      // Bytes from 248 on are skipped, so that all digits are equally likely: 248 is the largest multiple of 62 in a byte.
      if (byte < 248 && id.length < ID_LENGTH) id += digits.charAt(byte % digits.length);
  return id;
}
