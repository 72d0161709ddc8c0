import { describe, expect, test } from '@jest/globals';
import { streamingPlatformSpecSchema } from '../../../src/api/streaming-platform.ts';
import { PlatformError } from '../../../src/platforms/errors.ts';
import { openPlatform } from '../../../src/platforms/registry.ts';

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

test('opens an origin without calling it', () => {
  const platform = openPlatform(origin, new Map([['token', 'secret-token']]), 'cluster');
  expect(platform.capabilities).toMatchObject({ latencies: ['standard'], signedPlayback: false });
});

test('takes the limit of the bitrate from the resource', () => {
  const limited = { ...origin, limits: { maxVideoBitrateKbps: 1500 } };
  expect(openPlatform(limited, new Map([['token', 't']]), 'c').capabilities.maxVideoBitrateKbps).toBe(1500);
});

describe('a Secret without the token', () => {
  test.each([
    ['is empty', new Map<string, string>(), 'it has: nothing'],
    ['has other keys', new Map([['password', 'hunter2']]), 'it has: password'],
    ['has an empty one', new Map([['token', ' \n']]), 'it has: token'],
  ])('%s', (_what, credentials, message) => {
    const error = failure(() => openPlatform(origin, credentials, 'c'));
    expect(error.reason).toBe('CredentialsNotFound');
    expect(error.message).toContain('Secret live/origin-credentials has no value under the key "token"');
    expect(error.message).toContain(message);
    expect(error.message).not.toContain('hunter2');
  });
});

test.each(['ivs', 'cloudflare', 'mux', 'rtmp'] as const)('%s is named as not supported yet', (provider) => {
  const error = failure(() => openPlatform({ ...origin, provider }, new Map(), 'c'));
  expect(error).toMatchObject({ reason: 'ProviderNotSupported', retryable: false });
  expect(error.message).toContain(provider);
});
