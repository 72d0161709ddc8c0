import { hash, timingSafeEqual } from 'node:crypto';

/** SHA-256 in lower-case hexadecimal digits. With `digits`, only the first ones: a short name for a text. */
export function sha256Hex(content: string | Uint8Array, digits = 64): string {
  return hash('sha256', content, 'hex').slice(0, digits);
}

/** SHA-256 as 32 bytes. */
export function sha256(content: string | Uint8Array): Buffer {
  return hash('sha256', content, 'buffer');
}

/** Compares two secrets in a time that does not depend on where they differ, or on their lengths. */
export function secretsEqual(a: string, b: string): boolean {
  // timingSafeEqual requires equal lengths, which digests have.
  return timingSafeEqual(sha256(a), sha256(b));
}
