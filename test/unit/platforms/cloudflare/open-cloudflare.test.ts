import { describe, expect, test } from '@jest/globals';
import { streamingPlatformSpecSchema } from '../../../../src/api/streaming-platform.ts';
import { FakeClock } from '../../../../src/base/testing/fake-clock.ts';
import { openCloudflare } from '../../../../src/platforms/cloudflare/open-cloudflare.ts';
import type { PlatformDriver } from '../../../../src/platforms/driver.ts';
import { RateLimits } from '../../../../src/platforms/rate-limit.ts';

const accountId = '0123456789abcdef0123456789abcdef';
function open(
  credentials: Record<string, string>,
  cloudflare: object = {},
  limits: object = {},
): PlatformDriver {
  const clock = new FakeClock();
  const spec = streamingPlatformSpecSchema.parse({
    provider: 'cloudflare',
    credentialsRef: { namespace: 'live', name: 'cf' },
    cloudflare: { accountId, ...cloudflare },
    limits,
  });
  const context = { clusterId: 'c', platform: 'cf', clock, rateLimits: new RateLimits(clock) };
  return openCloudflare(spec, new Map(Object.entries(credentials)), context);
}

describe('the Secret', () => {
  test('must have the API token', () => {
    expect(() => open({ token: 'x' })).toThrow(/live\/cf .*"apiToken"/);
  });

  test('must have a token that is a valid header value, and the error does not contain it', () => {
    const apiToken = 'two\nlines';
    expect(() => open({ apiToken })).toThrow(/"apiToken"/);
    expect(() => open({ apiToken })).not.toThrow(/lines/);
  });

  test('must have both parts of a signing key', () => {
    expect(() => open({ apiToken: 't', signingKeyId: 'k' })).toThrow(/"signingKeyPem"/);
    expect(() => open({ apiToken: 't', signingKeyPem: 'k' })).toThrow(/"signingKeyId"/);
  });

  test('without a signing key, playback cannot be signed, and streams that require it are refused', async () => {
    const platform = open({ apiToken: 't' });
    expect(platform.capabilities.signedPlayback).toBe(false);
    const owner = { clusterId: 'c', platform: 'cf', channelUid: 'u', channel: 'a/b' };
    const request = {
      name: 'n',
      owner,
      attempt: 'a',
      latency: 'low',
      access: 'signed',
      recording: 'off',
    } as const;
    await expect(platform.createStream(request, AbortSignal.timeout(1_000))).rejects.toMatchObject({
      reason: 'InvalidConfiguration',
      message: expect.stringContaining('playback.access signed'),
    });
  });
});

test('custom limits are combined with those of Cloudflare', () => {
  expect(
    open({ apiToken: 't' }, {}, { maxVideoBitrateKbps: 4_000, maxStreams: 3 }).capabilities,
  ).toMatchObject({
    maxVideoBitrateKbps: 4_000,
    maxStreams: 3,
  });
  expect(open({ apiToken: 't' }, {}, { maxVideoBitrateKbps: 50_000 }).capabilities.maxVideoBitrateKbps).toBe(
    13_500,
  );
});

test.each([
  ['accountId', { accountId: 'my-account' }],
  ['deleteRecordingsAfterDays', { deleteRecordingsAfterDays: 7 }],
])('the resource rejects an invalid %s', (field, cloudflare) => {
  expect(() => open({ apiToken: 't' }, cloudflare)).toThrow(field);
});
