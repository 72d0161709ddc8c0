import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { decodeProtectedHeader, jwtVerify } from 'jose';
import { SecretText } from '../../../../src/base/secret-text.ts';
import { PlaybackSigner } from '../../../../src/platforms/cloudflare/playback-signer.ts';
import { streamId } from '../../../../src/platforms/platform.ts';

const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2_048 });
const pkcs1 = privateKey.export({ type: 'pkcs1', format: 'pem' }).toString();
const pkcs8 = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
const now = new Date('2026-11-22T12:00:00Z');
const inAnHour = { expiresAt: new Date('2026-11-22T13:00:00Z'), viewerId: 'somebody' };
const stream = {
  id: streamId('f256e6ea'),
  playbackUrl: 'https://customer-x.cloudflarestream.com/f256e6ea/manifest/video.m3u8?protocol=llhls',
};

test.each([
  ['base64, as Cloudflare returns it', Buffer.from(pkcs1).toString('base64')],
  ['PEM', pkcs1],
  ['PKCS#8', pkcs8],
])('a token signed with a key in %s replaces the uid', async (_what, pem) => {
  const signed = new URL(await new PlaybackSigner('key-1', new SecretText(pem)).sign(stream, inAnHour, now));
  expect(signed.search).toBe('?protocol=llhls');
  const [, token = '', ...rest] = signed.pathname.split('/');
  expect(rest).toEqual(['manifest', 'video.m3u8']);
  const { payload } = await jwtVerify(token, publicKey, { algorithms: ['RS256'], currentDate: now });
  expect(payload).toEqual({ sub: 'f256e6ea', kid: 'key-1', exp: inAnHour.expiresAt.getTime() / 1_000 });
  expect(decodeProtectedHeader(token)).toMatchObject({ alg: 'RS256', kid: 'key-1' });
});

describe('signing is refused', () => {
  const signer = new PlaybackSigner('key-1', new SecretText(pkcs8));
  test('for more than a day, which Cloudflare would reject', async () => {
    const grant = { expiresAt: new Date(now.getTime() + 24 * 3_600_000 + 1_000) };
    await expect(signer.sign(stream, grant, now)).rejects.toMatchObject({
      reason: 'InvalidConfiguration',
      message: expect.stringContaining('24 hours'),
    });
  });

  test('for the playback URL of another input', async () => {
    await expect(signer.sign({ ...stream, id: streamId('other') }, inAnHour, now)).rejects.toMatchObject({
      reason: 'InvalidConfiguration',
    });
  });

  test.each([
    ['nonsense', 'nonsense'],
    [
      'an elliptic curve key',
      generateKeyPairSync('ec', { namedCurve: 'P-256' })
        .privateKey.export({ type: 'pkcs8', format: 'pem' })
        .toString(),
    ],
  ])('with %s as the key, and the error does not contain it', (_what, pem) => {
    expect(() => new PlaybackSigner('key-1', new SecretText(pem))).toThrow(/signingKeyPem/);
    expect(() => new PlaybackSigner('key-1', new SecretText(pem))).not.toThrow(pem.slice(30, 60) || pem);
  });
});
