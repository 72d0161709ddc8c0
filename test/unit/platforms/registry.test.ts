import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import {
  providers,
  streamingPlatformSpecSchema,
  type StreamingPlatformSpec,
} from '../../../src/api/streaming-platform.ts';
import { FakeClock } from '../../../src/base/testing/fake-clock.ts';
import type { PlatformContext } from '../../../src/platforms/context.ts';
import { PlatformError } from '../../../src/platforms/errors.ts';
import { RateLimits } from '../../../src/platforms/rate-limit.ts';
import { streamId } from '../../../src/platforms/platform.ts';
import { openPlatform, openSigner } from '../../../src/platforms/registry.ts';
import { signingKeys, type SigningProvider } from '../../../src/platforms/signing-keys.ts';

const clock = new FakeClock();
const context: PlatformContext = {
  clusterId: 'cluster',
  platform: 'mine',
  clock,
  rateLimits: new RateLimits(clock),
};
const credentialsRef = { namespace: 'live', name: 'origin-credentials' };
const origin = streamingPlatformSpecSchema.parse({
  provider: 'origin',
  credentialsRef,
  origin: { controlUrl: 'http://127.0.0.1:1' },
});

function failure(work: () => unknown): PlatformError {
  try {
    work();
  } catch (error) {
    if (error instanceof PlatformError) return error;
    throw error;
  }
  throw new Error('it did not fail');
}

test('opens an origin without a request to it', () => {
  const platform = openPlatform(origin, new Map([['token', 'secret-token']]), context);
  expect(platform.capabilities).toMatchObject({ latencies: ['standard'], signedPlayback: true });
});

test('uses the limits of the resource', () => {
  const limits = { maxVideoBitrateKbps: 1500, maxStreams: 7 };
  const { capabilities } = openPlatform({ ...origin, limits }, new Map([['token', 't']]), context);
  expect(capabilities).toMatchObject(limits);
});

describe('a Secret without the token', () => {
  test.each([
    ['is empty', new Map<string, string>(), 'Keys in the Secret: nothing'],
    ['has other keys', new Map([['password', 'hunter2']]), 'Keys in the Secret: password'],
    ['has an empty token', new Map([['token', ' \n']]), 'Keys in the Secret: token'],
  ])('%s', (_what, credentials, message) => {
    const error = failure(() => openPlatform(origin, credentials, context));
    expect(error.reason).toBe('CredentialsNotFound');
    expect(error.message).toContain('Secret live/origin-credentials has no value for the key "token"');
    expect(error.message).toContain(message);
    expect(error.message).not.toContain('hunter2');
  });
});

test.each(providers)('%s without its block is rejected with the name of the block', (provider) => {
  if (provider === 'rtmp') return; // It has no required fields.
  const { origin: _, ...bare } = origin;
  const credentials = new Map([['token', 't']]);
  const error = failure(() => openPlatform({ ...bare, provider }, credentials, context));
  expect(error).toMatchObject({ reason: 'InvalidConfiguration', retryable: false });
  expect(error.message).toContain(`spec.${provider}`);
});

describe('signing uses the signing keys only', () => {
  const pem = (key: KeyObject): string => key.export({ type: 'pkcs8', format: 'pem' }).toString();
  const p384 = pem(generateKeyPairSync('ec', { namedCurve: 'secp384r1' }).privateKey);
  const rsa = pem(generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey);
  const specOf = (block: object) => streamingPlatformSpecSchema.parse({ credentialsRef, ...block });
  const specs: Readonly<Record<SigningProvider, StreamingPlatformSpec>> = {
    ivs: specOf({ provider: 'ivs', ivs: { region: 'eu-central-1' } }),
    cloudflare: specOf({ provider: 'cloudflare', cloudflare: { accountId: '0'.repeat(32) } }),
    mux: specOf({ provider: 'mux', mux: {} }),
    origin,
  };
  /** What an origin signs is signed by itself, on a request. */
  const playbackUrls: Readonly<Record<Exclude<SigningProvider, 'origin'>, string>> = {
    ivs: 'https://x.live-video.net/live.m3u8',
    cloudflare: 'https://customer-x.cloudflarestream.com/stream-1/manifest/video.m3u8',
    mux: 'https://stream.mux.com/playback-1.m3u8',
  };
  const values: Readonly<Record<(typeof signingKeys)[SigningProvider][number], string>> = {
    playbackPrivateKey: p384,
    signingKeyId: 'k',
    signingKeyPem: rsa,
    signingPrivateKey: rsa,
    token: 't',
    'ca.crt': '',
  };
  const keysOf = (provider: SigningProvider): ReadonlyMap<string, string> =>
    new Map(signingKeys[provider].map((key) => [key, values[key]]));
  const grant = { expiresAt: new Date(clock.now().getTime() + 600_000) };
  const namesOf = <T extends object>(record: T): (keyof T)[] => Object.keys(record) as (keyof T)[];

  test.each(namesOf(playbackUrls))('%s', async (provider) => {
    const playbackUrl = playbackUrls[provider];
    const signer = openSigner(specs[provider], keysOf(provider), clock);
    const id = streamId(
      provider === 'ivs' ? 'arn:aws:ivs:eu-central-1:123456789012:channel/stream-1' : 'stream-1',
    );
    const signed = await signer.signPlayback({ id, playbackUrl }, grant);
    expect(signed).toMatch(/[\w-]+\.[\w-]+\.[\w-]+/);
    expect(signed).not.toBe(playbackUrl);
    const crooked = { id: streamId('../stream-1'), playbackUrl };
    await expect(signer.signPlayback(crooked, grant)).rejects.toMatchObject({
      reason: 'InvalidConfiguration',
    });
  });

  test('origin', () => {
    expect(() => openSigner(origin, keysOf('origin'), clock)).not.toThrow();
  });

  test.each(namesOf(specs))('%s: the error contains the name of the missing key', (provider) => {
    const error = failure(() => openSigner(specs[provider], new Map(), clock));
    expect(error).toMatchObject({ reason: 'CredentialsNotFound' });
    expect(error.message).toContain(`"${signingKeys[provider][0]}"`);
  });

  test('playback of an RTMP service cannot be signed', () => {
    const error = failure(() => openSigner(specOf({ provider: 'rtmp' }), new Map(), clock));
    expect(error).toMatchObject({ reason: 'InvalidConfiguration', retryable: false });
  });
});
