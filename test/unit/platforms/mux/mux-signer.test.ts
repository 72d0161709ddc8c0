import { generateKeyPairSync } from 'node:crypto';
import { decodeProtectedHeader, jwtVerify } from 'jose';
import { describe, expect, test } from '@jest/globals';
import { streamingPlatformSpecSchema } from '../../../../src/api/streaming-platform.ts';
import { signerOf } from '../../../../src/platforms/mux/mux-signer.ts';

const spec = streamingPlatformSpecSchema.parse({
  provider: 'mux',
  credentialsRef: { namespace: 'live', name: 'mux' },
  mux: {},
});
const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2_048 });
const pem = (type: 'pkcs1' | 'pkcs8'): string => privateKey.export({ type, format: 'pem' }).toString();
const base64 = (text: string): string => Buffer.from(text).toString('base64');
const expiresAt = new Date('2030-01-01T00:00:00.900Z');

describe('a token for Mux', () => {
  test.each([
    ['base64 of PKCS#1, as Mux returns it', base64(pem('pkcs1'))],
    ['base64 of PKCS#8', base64(pem('pkcs8'))],
    ['a PEM with a newline at its end', pem('pkcs1')],
  ])('is signed with %s', async (_what, key) => {
    const credentials = new Map([
      ['signingKeyId', 'key-1\n'],
      ['signingPrivateKey', key],
    ]);
    const token = await signerOf(spec, credentials)?.sign('playback-id', 'v', expiresAt);
    const { payload } = await jwtVerify(token ?? '', publicKey, { algorithms: ['RS256'] });
    expect(payload).toEqual({ sub: 'playback-id', aud: 'v', exp: 1_893_456_000, kid: 'key-1' });
    expect(decodeProtectedHeader(token ?? '')).toMatchObject({ alg: 'RS256', kid: 'key-1' });
  });

  test('requires a key, which is optional', () => {
    expect(signerOf(spec, new Map())).toBeUndefined();
    expect(signerOf(spec, new Map([['signingKeyId', ' ']]))).toBeUndefined();
  });

  test('requires both parts of the key', () => {
    expect(() => signerOf(spec, new Map([['signingKeyId', 'key-1']]))).toThrow(
      /live\/mux.*signingPrivateKey/,
    );
    expect(() => signerOf(spec, new Map([['signingPrivateKey', pem('pkcs8')]]))).toThrow(/signingKeyId/);
  });

  test.each([
    ['no key', 'not-a-key-at-all'],
    [
      'a key of another kind',
      generateKeyPairSync('ec', { namedCurve: 'P-256' })
        .privateKey.export({ type: 'pkcs8', format: 'pem' })
        .toString(),
    ],
  ])('is refused for %s, without it in the message', (_what, key) => {
    const credentials = new Map([
      ['signingKeyId', 'key-1'],
      ['signingPrivateKey', key],
    ]);
    let message = '';
    try {
      signerOf(spec, credentials);
    } catch (error) {
      message = String(error);
    }
    expect(message).toContain('not an RSA private key');
    expect(message).not.toContain(key.slice(0, 30));
  });
});
