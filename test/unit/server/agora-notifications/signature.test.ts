import { describe, expect, test } from '@jest/globals';
import { isSignedWith } from '../../../../src/server/agora-notifications/signature.ts';

/*
 * Made with OpenSSL, not with the code under test:
 *   printf '%s' "$BODY" | openssl dgst -sha256 -hmac s3cret
 *   printf '%s' "$BODY" | openssl dgst -sha1 -hmac s3cret
 */
const body = Buffer.from(
  '{"noticeId":"2000001428:4330:107","productId":1,"eventType":103,"notifyMs":1611566412672}',
);
const v2 = 'db72b1b982f257ee03fa5150c669b1d2bb079ab98f36f9ffef11d8a5fc82293e';
const v1 = '22bedb70ca8c570ef74f60e80b15d8e2eb55fb10';
const wrong = (signature: string): string => signature.replace(/^./, (digit) => (digit === '0' ? '1' : '0'));

describe('a notification is accepted', () => {
  test.each([
    ['with HMAC-SHA-256', { 'agora-signature-v2': v2 }],
    ['with both', { 'agora-signature-v2': v2, 'agora-signature': v1 }],
    ['with HMAC-SHA-1 alone', { 'agora-signature': v1 }],
    ['in upper case', { 'agora-signature-v2': v2.toUpperCase() }],
  ])('%s', (_, headers) => {
    expect(isSignedWith('s3cret', body, headers)).toBe(true);
  });
});

describe('a notification is rejected', () => {
  test.each([
    ['without a signature', {}],
    ['with a wrong one', { 'agora-signature-v2': wrong(v2) }],
    [
      'with a wrong HMAC-SHA-256 beside the correct HMAC-SHA-1',
      { 'agora-signature-v2': wrong(v2), 'agora-signature': v1 },
    ],
    [
      'with an empty HMAC-SHA-256 beside the correct HMAC-SHA-1',
      { 'agora-signature-v2': '', 'agora-signature': v1 },
    ],
    ['with the HMAC-SHA-1 in the header of the other', { 'agora-signature-v2': v1 }],
    ['with two headers', { 'agora-signature-v2': [v2, v2] }],
  ])('%s', (_, headers) => {
    expect(isSignedWith('s3cret', body, headers)).toBe(false);
  });

  test('with another secret, or another body', () => {
    expect(isSignedWith('other', body, { 'agora-signature-v2': v2 })).toBe(false);
    expect(
      isSignedWith('s3cret', Buffer.concat([body, Buffer.from(' ')]), { 'agora-signature-v2': v2 }),
    ).toBe(false);
  });
});
