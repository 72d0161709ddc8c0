import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { jwtVerify } from 'jose';
import { API_VERSION } from '../../../../src/api/names.ts';
import { streamingPlatformSchema, type StreamingPlatform } from '../../../../src/api/streaming-platform.ts';
import { FakeClock } from '../../../../src/base/testing/fake-clock.ts';
import { streamId } from '../../../../src/platforms/platform.ts';
import type { SigningProvider } from '../../../../src/platforms/signing-keys.ts';
import { PlaybackSigners } from '../../../../src/server/services/playback-signers.ts';

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const p384 = generateKeyPairSync('ec', { namedCurve: 'secp384r1' });
const pem = (key: KeyObject): string => key.export({ type: 'pkcs8', format: 'pem' }).toString();

const platform = (name: string, block: object): StreamingPlatform =>
  streamingPlatformSchema.parse({
    apiVersion: API_VERSION,
    kind: 'StreamingPlatform',
    metadata: { name, uid: name, generation: 1 },
    spec: { credentialsRef: { namespace: 'livechannel', name }, ...block },
  });
const platforms = new Map(
  [
    platform('ivs-eu', { provider: 'ivs', ivs: { region: 'eu-west-1' } }),
    platform('cloudflare', { provider: 'cloudflare', cloudflare: { accountId: '0'.repeat(32) } }),
    platform('mux', { provider: 'mux', mux: {} }),
    platform('rtmp', { provider: 'rtmp', rtmp: {} }),
  ].map((each) => [each.metadata.name, each]),
);

let folder: string;
const mount = async (name: string, files: Record<string, string>): Promise<void> => {
  await mkdir(join(folder, name), { recursive: true });
  for (const [file, value] of Object.entries(files)) await writeFile(join(folder, name, file), value);
};
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'livechannel-keys-'));
  await mount('ivs-eu', { playbackPrivateKey: pem(p384.privateKey), '..data': 'of Kubernetes' });
  await mount('cloudflare', { signingKeyId: 'key-1', signingKeyPem: pem(rsa.privateKey) });
  await mount('mux', { signingKeyId: 'key-2', signingPrivateKey: pem(rsa.privateKey) });
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const clock = new FakeClock(new Date());
const signers = (): PlaybackSigners => new PlaybackSigners(folder, (name) => platforms.get(name), clock);
const grant = { expiresAt: new Date(clock.now().getTime() + 600_000), viewerId: 'viewer-7' };
const stream = (
  playbackUrl: string,
  id = 'stream-1',
): { id: ReturnType<typeof streamId>; playbackUrl: string } => ({
  id: streamId(id),
  playbackUrl,
});

/** Platform, playback URL, the key's public half, and where the token is. An origin signs on a request. */
const signed: Readonly<
  Record<Exclude<SigningProvider, 'origin'>, readonly [string, string, KeyObject, RegExp]>
> = {
  ivs: [
    'ivs-eu',
    'https://x.playback.live-video.net/api/video/v1/live.m3u8',
    p384.publicKey,
    /token=([^&]+)$/,
  ],
  cloudflare: [
    'cloudflare',
    'https://customer-x.cloudflarestream.com/stream-1/manifest/video.m3u8',
    rsa.publicKey,
    /com\/([^/]+)\/manifest/,
  ],
  mux: ['mux', 'https://stream.mux.com/playback-1.m3u8', rsa.publicKey, /token=([^&]+)$/],
};

test.each(Object.values(signed))(
  '%s: signs with the signing key only, without a request',
  async (name, url, key, where) => {
    const id = name === 'ivs-eu' ? 'arn:aws:ivs:eu-central-1:123456789012:channel/abc' : 'stream-1';
    const address = await signers().sign(name, stream(url, id), grant);
    const { payload } = await jwtVerify(where.exec(address)?.[1] ?? '', key);
    expect(payload.exp).toBe(Math.floor(grant.expiresAt.getTime() / 1_000));
  },
);

test.each([
  ['rtmp', /No signing keys of rtmp are mounted/],
  ['gone', /no longer exists/],
])('%s: reports why it cannot sign', async (name, why) => {
  await expect(signers().sign(name, stream('https://a/b.m3u8'), grant)).rejects.toMatchObject({
    code: 'cannot-sign',
    detail: expect.stringMatching(why) as unknown,
  });
});

test('without a folder, and with a key of another kind, it cannot sign either, and the error does not contain the key', async () => {
  const none = new PlaybackSigners(undefined, (name) => platforms.get(name), clock);
  await expect(none.sign('mux', stream('https://a/b.m3u8'), grant)).rejects.toMatchObject({
    code: 'cannot-sign',
  });
  const wrong = pem(p384.privateKey);
  await mount('mux', { signingPrivateKey: wrong });
  const refusal = await signers()
    .sign('mux', stream('https://stream.mux.com/a.m3u8'), grant)
    .catch((error: unknown) => error);
  expect(refusal).toMatchObject({ code: 'cannot-sign' });
  expect(JSON.stringify(refusal)).not.toContain(wrong.slice(30, 60));
});

test('a key that was replaced in its mount is used after half a minute', async () => {
  await mount('cloudflare', { signingKeyId: 'key-1', signingKeyPem: pem(rsa.privateKey) });
  const each = signers();
  const url = 'https://customer-x.cloudflarestream.com/stream-1/manifest/video.m3u8';
  const kid = async (): Promise<unknown> => {
    const token = /com\/([^/]+)\/manifest/.exec(await each.sign('cloudflare', stream(url), grant))?.[1] ?? '';
    return (await jwtVerify(token, rsa.publicKey)).protectedHeader.kid;
  };
  expect(await kid()).toBe('key-1');
  await mount('cloudflare', { signingKeyId: 'key-3' });
  expect(await kid()).toBe('key-1');
  await clock.advance(31_000);
  expect(await kid()).toBe('key-3');
});
