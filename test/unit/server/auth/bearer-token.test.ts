import { describe, expect, test } from '@jest/globals';
import { bearerToken, fingerprint, unverifiedClaims } from '../../../../src/server/auth/bearer-token.ts';

describe('the header Authorization', () => {
  test.each([
    ['Bearer abc.def-ghi_123', 'abc.def-ghi_123'],
    ['bearer  abc==', 'abc=='],
    ['BEARER a', 'a'],
  ])('%j contains the token %j', (header, token) => {
    expect(bearerToken(header)).toBe(token);
  });

  test.each([
    'Basic YTpi',
    'Bearer',
    'Bearer ',
    'Bearer a b',
    'abc',
    'Bearer ä',
    `Bearer ${'a'.repeat(8_193)}`,
  ])('%j contains none', (header) => {
    expect(() => bearerToken(header)).toThrow(expect.objectContaining({ code: 'not-authenticated' }));
  });

  test('the cache key of a token is not the token', () => {
    expect(fingerprint('secret')).not.toContain('secret');
    expect(fingerprint('secret')).not.toBe(fingerprint('secreT'));
  });
});

describe('the claims of a token', () => {
  const jwt = (claims: string): string => `e30.${Buffer.from(claims).toString('base64url')}.x`;

  test('are read from a JWT', () => {
    expect(unverifiedClaims(jwt('{"iss":"https://issuer","exp":5}'))).toEqual({
      iss: 'https://issuer',
      exp: 5,
    });
  });

  test.each(['', 'opaque', 'a.b.c', jwt('[1]'), jwt('{'), 'e30.e30.e30.e30.e30'])(
    'are empty for %j',
    (token) => {
      expect(unverifiedClaims(token)).toBeUndefined();
    },
  );
});
