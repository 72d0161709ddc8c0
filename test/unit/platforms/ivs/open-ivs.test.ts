import { generateKeyPairSync } from 'node:crypto';
import { inspect } from 'node:util';
import { describe, expect, test } from '@jest/globals';
import { streamingPlatformSpecSchema } from '../../../../src/api/streaming-platform.ts';
import { FakeClock } from '../../../../src/base/testing/fake-clock.ts';
import { openIvs } from '../../../../src/platforms/ivs/open-ivs.ts';
import type { PlatformDriver } from '../../../../src/platforms/driver.ts';
import { RateLimits } from '../../../../src/platforms/rate-limit.ts';

const clock = new FakeClock();
const keys = { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG' };
const recordingConfigurationArn =
  'arn:aws:ivs:eu-central-1:123456789012:recording-configuration/abcdABCDefgh';
const playbackPrivateKey = generateKeyPairSync('ec', { namedCurve: 'secp384r1' })
  .privateKey.export({ type: 'pkcs8', format: 'pem' })
  .toString();

function open(
  ivs: Record<string, unknown> = {},
  credentials: Record<string, string> = {},
  limits: Record<string, number> = {},
): PlatformDriver {
  const spec = streamingPlatformSpecSchema.parse({
    provider: 'ivs',
    credentialsRef: { namespace: 'live', name: 'ivs' },
    ivs: { region: 'eu-central-1', ...ivs },
    limits,
  });
  const context = { clusterId: 'c', platform: 'ivs', clock, rateLimits: new RateLimits(clock) };
  return openIvs(spec, new Map(Object.entries({ ...keys, ...credentials })), context);
}

describe('capabilities', () => {
  test('with access keys only', () => {
    expect(open().capabilities).toEqual({
      latencies: ['standard', 'low'],
      recording: false,
      signedPlayback: false,
      takeover: 'ivs-priority',
      keyframeSeconds: { min: 1, max: 5 },
      maxHeight: 1080,
      maxVideoBitrateKbps: 8_180,
      sizeChange: 'new-session',
      constantBitrate: true,
      idempotentCreate: false,
      settleSeconds: 30,
      maxStreams: undefined,
    });
  });

  test('follow the configuration', () => {
    expect(open({ recordingConfigurationArn }).capabilities.recording).toBe(true);
    expect(open({}, { playbackPrivateKey }).capabilities.signedPlayback).toBe(true);
    expect(open({}, {}, { maxStreams: 20 }).capabilities.maxStreams).toBe(20);
  });

  test.each([
    ['BASIC', {}, 3_180],
    ['ADVANCED_HD', {}, 8_180],
    ['STANDARD', { maxVideoBitrateKbps: 2_500 }, 2_500],
    ['BASIC', { maxVideoBitrateKbps: 6_000 }, 3_180],
  ])('%s with limits %j accepts %d kbit/s of video', (channelType, limits, most) => {
    expect(open({ channelType }, {}, limits).capabilities.maxVideoBitrateKbps).toBe(most);
  });
});

describe('errors that are found before IVS is called', () => {
  test.each(['accessKeyId', 'secretAccessKey'])('a Secret without %s', (key) => {
    expect(() => open({}, { [key]: ' \n' })).toThrow(
      expect.objectContaining({
        reason: 'CredentialsNotFound',
        message: expect.stringContaining(`"${key}"`),
      }),
    );
  });

  test('a recording configuration of another region', () => {
    expect(() => open({ region: 'us-east-1', recordingConfigurationArn })).toThrow(
      expect.objectContaining({
        reason: 'InvalidConfiguration',
        message: expect.stringContaining('is in eu-central-1 and the channels are in us-east-1'),
      }),
    );
  });

  test.each([
    [{ latency: 'standard', access: 'signed', recording: 'off' }, 'playback.access signed'],
    [{ latency: 'low', access: 'public', recording: 'automatic' }, 'playback.recording automatic'],
  ] as const)('%j without its configuration', async (playback, message) => {
    const owner = { clusterId: 'c', platform: 'ivs', channelUid: 'u', channel: 'shop/auction' };
    const request = { name: 'lc-1', owner, attempt: 'one', ...playback };
    await expect(open().createStream(request, new AbortController().signal)).rejects.toMatchObject({
      reason: 'InvalidConfiguration',
      retryable: false,
      message: expect.stringContaining(message),
    });
  });
});

test('a driver does not expose its secrets', () => {
  const shown = inspect(open({}, { playbackPrivateKey, sessionToken: 'the-session-token' }), {
    depth: 20,
    showHidden: true,
  });
  for (const secret of [...Object.values(keys), 'the-session-token', playbackPrivateKey.slice(40, 80)])
    expect(shown).not.toContain(secret);
});
