import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { decodeJwt, decodeProtectedHeader, importSPKI, jwtVerify } from 'jose';
import { SecretText } from '../../../../src/base/secret-text.ts';
import { PlaybackKey } from '../../../../src/platforms/ivs/playback-key.ts';
import { streamId } from '../../../../src/platforms/platform.ts';

const pemOf = (namedCurve: string, type: 'pkcs8' | 'sec1' = 'pkcs8'): string =>
  generateKeyPairSync('ec', { namedCurve }).privateKey.export({ type, format: 'pem' }).toString();
const pem = pemOf('secp384r1');
const key = new PlaybackKey(new SecretText(pem));
const stream = {
  id: streamId('arn:aws:ivs:eu-central-1:123456789012:channel/abcdABCDefgh'),
  playbackUrl: 'https://x.eu-central-1.playback.live-video.net/api/video/v1/y.m3u8',
};
const now = new Date('2026-11-22T20:00:00Z');
const after = (seconds: number): Date => new Date(now.getTime() + seconds * 1_000);
const tokenOf = (url: string): string => new URL(url).searchParams.get('token') ?? '';

test('a token is for one channel, until the requested time, and verified by the public key', async () => {
  const url = await key.sign(stream, { expiresAt: after(3_600) }, now);
  expect(url.startsWith(`${stream.playbackUrl}?token=`)).toBe(true);
  const token = tokenOf(url);
  expect(decodeProtectedHeader(token)).toEqual({ alg: 'ES384', typ: 'JWT' });
  const publicKey = await importSPKI(key.publicKey, 'ES384');
  const { payload } = await jwtVerify(token, publicKey, { currentDate: now });
  expect(payload).toEqual({ 'aws:channel-arn': stream.id, exp: after(3_600).getTime() / 1_000 });
});

describe('the viewer', () => {
  test.each([
    ['is in a token of ten minutes', 600, 'viewer-1', 'viewer-1'],
    ['is not in a longer token, which IVS would refuse', 601, 'viewer-1', undefined],
    ['is not in a token if the id is longer than IVS accepts', 60, 'v'.repeat(41), undefined],
  ])('%s', async (_what, seconds, viewerId, named) => {
    const url = await key.sign(stream, { expiresAt: after(seconds), viewerId }, now);
    expect(decodeJwt(tokenOf(url))['aws:viewer-id']).toBe(named);
  });
});

describe('the key pair', () => {
  test('has a name that is valid in IVS, and the same for every form of the same key', () => {
    const sec1 = generateKeyPairSync('ec', { namedCurve: 'secp384r1' }).privateKey;
    const forms = (['pkcs8', 'sec1'] as const).map(
      (type) => new PlaybackKey(new SecretText(sec1.export({ type, format: 'pem' }).toString())).name,
    );
    expect(new Set(forms).size).toBe(1);
    expect(key.name).toMatch(/^livechannel-[0-9a-f]{32}$/);
    expect(key.name).not.toBe(forms[0]);
  });

  test('exports only its public key', () => {
    expect(createPublicKey(key.publicKey).asymmetricKeyDetails).toEqual({ namedCurve: 'secp384r1' });
    expect(key.publicKey).not.toContain('PRIVATE');
  });

  test.each([
    ['of another curve', pemOf('prime256v1'), 'is not on the curve P-384'],
    ['of another format', 'hello', 'is not a private key in PEM format'],
    ['with the public key only', key.publicKey, 'is not a private key in PEM format'],
    [
      'of RSA',
      generateKeyPairSync('rsa', { modulusLength: 2048 })
        .privateKey.export({ type: 'pkcs8', format: 'pem' })
        .toString(),
      'P-384',
    ],
  ])('%s is rejected with the command that creates a valid one', (_what, text, message) => {
    expect(() => new PlaybackKey(new SecretText(text))).toThrow(
      expect.objectContaining({
        reason: 'CredentialsRejected',
        message: expect.stringMatching(`${message}.*openssl ecparam -name secp384r1`),
      }),
    );
  });
});
