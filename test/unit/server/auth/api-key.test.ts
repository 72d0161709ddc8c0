import { createHash, randomBytes } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { SecretText } from '../../../../src/base/secret-text.ts';
import {
  apiKeyText,
  hashOf,
  isSecretOf,
  newApiKey,
  parseApiKey,
} from '../../../../src/server/auth/api-key.ts';

describe('an API key', () => {
  test('is lc_, an id of letters and digits, and 32 random bytes', () => {
    const text = apiKeyText(newApiKey(randomBytes));
    expect(text).toMatch(/^lc_[0-9A-Za-z]{12}_[\w-]{43}$/);
    expect(Buffer.from(text.slice(-43), 'base64url')).toHaveLength(32);
  });

  test('is read back as it was created, with any random bytes', () => {
    fc.assert(
      fc.property(fc.infiniteStream(fc.nat(255)), (bytes) => {
        const random = (count: number): Buffer =>
          Buffer.from(Array.from({ length: count }, () => Number(bytes.next().value)));
        const key = newApiKey(random);
        const read = parseApiKey(apiKeyText(key));
        expect(read?.id).toBe(key.id);
        expect(read?.secret.reveal()).toBe(key.secret.reveal());
      }),
      // A source that never returns a byte under 248 is not random.
      { examples: [], numRuns: 200 },
    );
  });

  test('never shares its id or its secret with another one', () => {
    const keys = Array.from({ length: 500 }, () => newApiKey(randomBytes));
    expect(new Set(keys.map(({ id }) => id)).size).toBe(500);
    expect(new Set(keys.map(({ secret }) => secret.reveal())).size).toBe(500);
  });

  test.each([
    '',
    'lc_',
    'lc_abcdefghijkl',
    `lc_short_${'a'.repeat(43)}`,
    `lc_abcdefghijkl_${'a'.repeat(42)}`,
    `lc_abcdefghijkl_${'a'.repeat(44)}`,
    `lc_abcdefghij-l_${'a'.repeat(43)}`,
    `LC_abcdefghijkl_${'a'.repeat(43)}`,
    ` lc_abcdefghijkl_${'a'.repeat(43)}`,
    `lc_abcdefghijkl_${'a'.repeat(43)}\n`,
  ])('%j is not an API key', (text) => {
    expect(parseApiKey(text)).toBeUndefined();
  });

  test('is stored as the SHA-256 of its secret, and matches only that secret', () => {
    const secret = new SecretText('s'.repeat(43));
    expect(hashOf(secret)).toEqual(createHash('sha256').update('s'.repeat(43)).digest());
    expect(isSecretOf(secret, hashOf(secret))).toBe(true);
    expect(isSecretOf(new SecretText('t'.repeat(43)), hashOf(secret))).toBe(false);
    expect(isSecretOf(secret, new Uint8Array(5))).toBe(false);
  });

  test('does not show its secret when it is logged', () => {
    const key = newApiKey(randomBytes);
    expect(JSON.stringify(key)).not.toContain(key.secret.reveal());
  });
});
