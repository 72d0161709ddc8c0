import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generateKeyPairSync } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { z } from 'zod';
import { SecretText } from '../../../src/base/secret-text.ts';
import { streamingPlatformSpecSchema } from '../../../src/api/streaming-platform.ts';
import { systemClock, type Clock } from '../../../src/base/clock.ts';
import { FakeClock } from '../../../src/base/testing/fake-clock.ts';
import { IvsApi } from '../../../src/platforms/ivs/ivs-api.ts';
import { openIvs } from '../../../src/platforms/ivs/open-ivs.ts';
import type { PlatformDriver } from '../../../src/platforms/driver.ts';
import type { StreamRequest } from '../../../src/platforms/platform.ts';
import { RateLimits } from '../../../src/platforms/rate-limit.ts';
import { streamName } from '../../../src/platforms/stream-name.ts';
import { makeCertificate } from '../../fixtures/clouds/certificate.ts';
import type { PaperMedia } from '../../fixtures/clouds/paper-media.ts';
import { startClouds, type Clouds } from '../../fixtures/clouds/start-clouds.ts';
import { publish } from '../../support/ingest/rtmps-publisher.ts';
import { conformance } from './conformance.ts';
import type { PlatformUnderTest } from './platform-under-test.ts';

interface Opening {
  readonly spec?: Record<string, unknown>;
  readonly credentials?: Record<string, string | undefined>;
  readonly clusterId?: string;
  readonly platform?: string;
  readonly clock?: Clock;
  readonly rateLimits?: RateLimits;
}

function open(clouds: Clouds, opening: Opening = {}): PlatformDriver {
  const { clusterId = 'c', platform = 'ivs', clock = systemClock } = opening;
  const { rateLimits = new RateLimits(clock) } = opening;
  const cloud = clouds.cloud('ivs');
  const spec = streamingPlatformSpecSchema.parse({
    provider: 'ivs',
    credentialsRef: { namespace: 'live', name: 'ivs' },
    ivs: { ...cloud.spec, ...opening.spec },
  });
  const given = Object.entries({ ...cloud.credentials, ...opening.credentials });
  const credentials = new Map(given.flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])));
  return openIvs(spec, credentials, { clusterId, platform, clock, rateLimits });
}

const signal = (): AbortSignal => AbortSignal.timeout(60_000);
const owner = { clusterId: 'c', platform: 'ivs', channelUid: 'u', channel: 'shop/auction' };
const playback = { latency: 'standard', access: 'public', recording: 'off' } as const;
const request: StreamRequest = { name: streamName(owner, playback), owner, attempt: 'one', ...playback };

/** When a response is lost, the responses to the SDK's retries are lost too. */
const lost = {
  createStream: { operation: 'CreateChannel', times: 1 },
  rotateKey: { operation: 'CreateStreamKey', times: 1 },
  deleteStream: { operation: 'DeleteChannel', times: 2 },
} as const;

conformance('Amazon IVS', async (): Promise<PlatformUnderTest> => {
  const clouds = await startClouds({ clouds: ['ivs'], media: 'real' });
  const folder = await mkdtemp(join(tmpdir(), 'ivs-'));
  const caFile = join(folder, 'ca.crt');
  await writeFile(caFile, clouds.certificateAuthority);
  const cloud = clouds.cloud('ivs');
  // One account has one set of limits for all drivers.
  const rateLimits = new RateLimits(systemClock);
  const { accessKeyId = '', secretAccessKey = '', playbackPrivateKey = '' } = cloud.credentials;
  const wrongSecret = 'wrong/secret/access/key/with/forty/chars';
  return {
    open: (clusterId, platform) => open(clouds, { clusterId, platform, rateLimits }),
    openWithWrongCredentials: () => open(clouds, { credentials: { secretAccessKey: wrongSecret } }),
    openUnreachable: () => open(clouds, { spec: { endpoint: 'http://127.0.0.1:9' } }),
    publish: (stream) => {
      expect(stream.ingestCa).toBe(clouds.certificateAuthority);
      return publish({
        ingestUrl: stream.ingestUrl,
        streamKey: stream.streamKey.reveal(),
        caFile,
      });
    },
    makeForeignStream: async () => cloud.makeForeignStream(),
    exists: async (id) => cloud.streams().some((stream) => stream.id === id),
    loseNextAnswer: (call) => {
      clouds.faults.add({ cloud: 'ivs', kind: 'lost-answer', ...lost[call] });
    },
    absentId: 'arn:aws:ivs:eu-central-1:123456789012:channel/absent',
    secrets: [accessKeyId, secretAccessKey, wrongSecret, playbackPrivateKey],
    [Symbol.asyncDispose]: async () => {
      await clouds[Symbol.asyncDispose]();
      await rm(folder, { recursive: true });
    },
  };
});

describe('Amazon IVS in particular', () => {
  /** Clock of the cloud and of the driver; waiting advances it. */
  let clock: Clock;
  let clouds: Clouds<PaperMedia>;
  let platform: PlatformDriver;
  beforeEach(async () => {
    clock = turningClock();
    clouds = await startClouds({ clouds: ['ivs'], media: 'paper', clock });
    platform = open(clouds, { clock });
  });
  afterEach(async () => {
    await clouds[Symbol.asyncDispose]();
  });

  const other = 'fixture/of/another/identity/with/40/chars';
  const operations = (): string[] => clouds.calls.all('ivs').map(({ operation }) => operation);

  test('the public key is imported once, by the first driver, and found again', async () => {
    const signed = { ...request, access: 'signed' } as const;
    await Promise.all(
      [1, 2, 3].map((index) => platform.createStream({ ...signed, name: `a-${index}` }, signal())),
    );
    await open(clouds, { clock }).createStream(signed, signal());
    expect(clouds.calls.count('ivs', 'ImportPlaybackKeyPair')).toBe(1);
    expect(clouds.calls.count('ivs', 'ListPlaybackKeyPairs')).toBe(2);
  });

  test('reports a quota error when no public key can be imported, and creates nothing', async () => {
    for (let index = 0; index < 3; index++) {
      const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'secp384r1' });
      const playbackPrivateKey = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
      const { id } = await platform.createStream({ ...request, name: 'x' }, signal());
      await open(clouds, { clock, credentials: { playbackPrivateKey } }).signPlayback(
        { id, playbackUrl: 'https://play.example/x.m3u8' },
        { expiresAt: new Date() },
      );
      await platform.deleteStream(id, signal());
    }
    await expect(platform.createStream({ ...request, access: 'signed' }, signal())).rejects.toMatchObject({
      reason: 'QuotaExceeded',
      outcome: 'none',
    });
    expect(clouds.cloud('ivs').streams()).toEqual([]);
  });

  test('a recorded channel requires an ACTIVE configuration, which is checked before the channel is created', async () => {
    const recorded = { ...request, recording: 'automatic' } as const;
    const without = open(clouds, { clock, spec: { recordingConfigurationArn: undefined } });
    expect(without.capabilities.recording).toBe(false);
    const absent = 'arn:aws:ivs:eu-central-1:123456789012:recording-configuration/absent';
    const wrong = open(clouds, { clock, spec: { recordingConfigurationArn: absent } });
    for (const one of [without, wrong])
      await expect(one.createStream(recorded, signal())).rejects.toMatchObject({
        reason: 'InvalidConfiguration',
        retryable: false,
      });
    expect(clouds.cloud('ivs').streams()).toEqual([]);
    await platform.createStream(recorded, signal());
    await platform.createStream({ ...recorded, name: 'b' }, signal());
    expect(operations().filter((name) => name === 'GetRecordingConfiguration')).toHaveLength(2);
  });

  test('opening a channel without a key, left by an interrupted rotation, creates one', async () => {
    const made = await platform.createStream(request, signal());
    clouds.faults.add({ kind: 'server-error', operation: 'CreateStreamKey', times: 1 });
    await expect(platform.rotateKey(made.id, signal())).rejects.toMatchObject({ outcome: 'unknown' });
    expect(clouds.cloud('ivs').streams()).toMatchObject([{ streamKey: '' }]);
    const opened = await platform.openStream(made.id, signal());
    expect(opened?.streamKey.reveal()).toBe(clouds.cloud('ivs').streams()[0]?.streamKey);
  });

  test('the old key is invalid after a rotation that was interrupted before its last call and retried', async () => {
    const made = await platform.createStream(request, signal());
    const publisher = clouds.media.publish({ app: 'app', key: made.streamKey.reveal() });
    clouds.faults.add({ kind: 'unavailable', operation: 'StopStream', times: 2 });
    await expect(platform.rotateKey(made.id, signal())).rejects.toMatchObject({ retryable: true });
    await platform.rotateKey(made.id, signal());
    await publisher.ended;
    expect(() => clouds.media.publish({ app: 'app', key: made.streamKey.reveal() })).toThrow();
  });

  test('a stale list of keys does not lead to a second key, and the call can be repeated', async () => {
    const made = await platform.createStream(request, signal());
    const behind = clouds.faults.add({ kind: 'stale-list', ms: 300_000 });
    await expect(platform.openStream(made.id, signal())).rejects.toMatchObject({ retryable: true });
    behind();
    const opened = await platform.openStream(made.id, signal());
    expect(opened?.streamKey.reveal()).toBe(made.streamKey.reveal());
  });

  test('deleting a live channel stops it first, and retries when the encoder reconnects in between', async () => {
    const made = await platform.createStream(request, signal());
    clouds.media.publish({ app: 'app', key: made.streamKey.reveal() });
    clouds.calls.clear();
    expect(await platform.deleteStream(made.id, signal())).toBe(true);
    expect(operations()).toEqual([
      'DeleteChannel',
      'ListStreamKeys',
      'DeleteStreamKey',
      'StopStream',
      'DeleteChannel',
    ]);
  });

  test('-1 viewers are reported as unknown', async () => {
    const made = await platform.createStream(request, signal());
    clouds.media.publish({ app: 'app', key: made.streamKey.reveal() });
    await clock.sleep(16_000);
    expect((await platform.analytics(signal())).get(made.id)).toEqual({
      viewers: 0,
      ingestBitrateKbps: undefined,
    });
    expect(await platform.observeStream(made.id, signal())).toMatchObject({ live: true, viewers: 0 });
  });

  test('a thousand channels are created at five per second, and observed in ten calls while they are live', async () => {
    const started = clock.monotonic();
    for (let index = 0; index < 1_000; index++) {
      const made = await platform.createStream({ ...request, name: `lc-${index}` }, signal());
      clouds.media.publish({ app: 'app', key: made.streamKey.reveal() });
    }
    const seconds = (clock.monotonic() - started) / 1_000;
    expect(seconds).toBeGreaterThan(199);
    expect(seconds).toBeLessThan(201);
    expect(clouds.calls.all('ivs').every(({ status }) => status === 200)).toBe(true);

    clouds.calls.clear();
    expect((await platform.analytics(signal())).size).toBe(1_000);
    expect(clouds.calls.count('ivs')).toBe(10);
    // Owners are read once, by a driver that has not created the channels.
    const another = open(clouds, { clock, clusterId: 'another' });
    for (const round of [1, 2]) {
      expect((await another.analytics(signal())).size).toBe(0);
      expect(clouds.calls.count('ivs', 'ListStreams')).toBe(10 + round * 10);
      expect(clouds.calls.count('ivs', 'BatchGetChannel')).toBe(20);
    }
  }, 120_000);

  test('drivers of one account share its five calls per second', async () => {
    await using slow = await startClouds({ clouds: ['ivs'], media: 'paper' });
    const rateLimits = new RateLimits(systemClock);
    const drivers = [1, 2, 3, 4].map(() => open(slow, { rateLimits }));
    await Promise.all([...drivers, ...drivers, ...drivers].map((driver) => driver.verify(signal())));
    expect(slow.calls.all('ivs').map(({ status }) => status)).toEqual(Array.from({ length: 12 }, () => 200));
  });

  test('the SDK retries a read after waiting for its turn, and never retries a create', async () => {
    clouds.faults.add({ kind: 'server-error', operation: 'ListChannels', times: 1 });
    await platform.verify(signal());
    expect(clouds.calls.count('ivs', 'ListChannels')).toBe(2);
    for (const kind of ['server-error', 'lost-answer', 'unavailable'] as const) {
      clouds.calls.clear();
      clouds.faults.add({ kind, operation: 'CreateChannel', times: 1 });
      await expect(platform.createStream(request, signal())).rejects.toMatchObject({
        reason: 'PlatformUnavailable',
        retryable: true,
        outcome: 'unknown',
      });
      expect(clouds.calls.count('ivs', 'CreateChannel')).toBe(1);
    }
  });

  test.each([
    [{ accessKeyId: 'AKIAUNKNOWN77EXAMPLE' }, 'CredentialsRejected', /accessKeyId and secretAccessKey/],
    [{ secretAccessKey: 'x'.repeat(40) }, 'CredentialsRejected', /accessKeyId and secretAccessKey/],
    [
      { accessKeyId: 'ASIAEXPIRED77EXAMPLE', secretAccessKey: other },
      'CredentialsRejected',
      /have expired\. Renew/,
    ],
    [
      { accessKeyId: 'AKIANOTHING77EXAMPLE', secretAccessKey: other },
      'PermissionDenied',
      /Allow ivs:ListChannels/,
    ],
  ])('%j: %s, with what to do', async (credentials, reason, message) => {
    await expect(open(clouds, { clock, credentials }).verify(signal())).rejects.toMatchObject({
      reason,
      retryable: false,
      outcome: 'none',
      message: expect.stringMatching(message),
    });
  });

  test('another region is a configuration error', async () => {
    const spec = { region: 'us-east-1', recordingConfigurationArn: undefined };
    await expect(open(clouds, { clock, spec }).verify(signal())).rejects.toMatchObject({
      reason: 'InvalidConfiguration',
      message: expect.stringContaining('spec.ivs.region'),
    });
  });

  test.each([
    ['AKIAREADONLY7EXAMPLE', 'PermissionDenied', false, /Allow ivs:CreateChannel and ivs:TagResource/],
    ['AKIAPENDING77EXAMPLE', 'PermissionDenied', true, /verifies the account/],
  ])('%s is not allowed to create: %s', async (accessKeyId, reason, retryable, message) => {
    const credentials = { accessKeyId, secretAccessKey: other };
    const limited = open(clouds, { clock, credentials });
    await limited.verify(signal());
    await expect(limited.createStream(request, signal())).rejects.toMatchObject({
      reason,
      retryable,
      outcome: 'none',
      message: expect.stringMatching(message),
    });
  });

  test.each([
    ['throttled', 'PlatformThrottled'],
    ['quota-full', 'QuotaExceeded'],
    ['revoked', 'CredentialsRejected'],
  ] as const)('a create that fails with %s is %s, and has created nothing', async (kind, reason) => {
    clouds.faults.add({ kind, operation: 'CreateChannel', times: 1 });
    await expect(platform.createStream(request, signal())).rejects.toMatchObject({ reason, outcome: 'none' });
    expect(clouds.cloud('ivs').streams()).toEqual([]);
    await platform.createStream(request, signal());
  });

  test('a call that is aborted before its turn has created nothing', async () => {
    const slow = open(clouds);
    const waiting = Array.from({ length: 4 }, (_, index) =>
      slow.createStream({ ...request, name: `lc-${index}` }, signal()),
    );
    const soon = new AbortController();
    const last = slow.createStream({ ...request, name: 'lc-last' }, soon.signal);
    soon.abort();
    await expect(last).rejects.toMatchObject({ outcome: 'none' });
    await Promise.all(waiting);
    expect(
      clouds
        .cloud('ivs')
        .streams()
        .map(({ name }) => name),
    ).not.toContain('lc-last');
  });

  test('a call without a response ends in time, and its outcome is unknown', async () => {
    const api = new IvsApi({
      region: 'eu-central-1',
      endpoint: `${clouds.baseUrl}/ivs`,
      credentials: {
        accessKeyId: new SecretText('a'),
        secretAccessKey: new SecretText('b'),
        sessionToken: undefined,
      },
      certificateAuthority: undefined,
      rateLimits: new RateLimits(clock),
      timeoutMs: 200,
    });
    for (const kind of ['hang-before', 'hang-after'] as const) {
      clouds.faults.add({ kind, operation: 'CreateChannel', times: 1 });
      await expect(
        api.call('CreateChannel', z.unknown(), signal(), (ivs, options) => ivs.createChannel({}, options)),
      ).rejects.toMatchObject({ reason: 'PlatformUnavailable', outcome: 'unknown', retryable: true });
    }
  });

  test('environment variables are ignored', async () => {
    const before = { ...process.env };
    Object.assign(process.env, {
      AWS_REGION: 'us-west-2',
      AWS_ACCESS_KEY_ID: 'AKIAFROMTHEENV',
      AWS_SECRET_ACCESS_KEY: 'from-the-environment',
      AWS_ENDPOINT_URL: 'http://127.0.0.1:9',
      AWS_MAX_ATTEMPTS: '7',
    });
    try {
      await open(clouds, { clock }).verify(signal());
    } finally {
      process.env = before;
    }
  });
});

/** A clock that advances as soon as something waits. */
function turningClock(): Clock {
  const clock = new FakeClock(new Date());
  return {
    now: () => clock.now(),
    monotonic: () => clock.monotonic(),
    schedule: (delayMs, run) => clock.schedule(delayMs, run),
    sleep: (delayMs) => clock.advance(delayMs),
  };
}

test('a private certificate of the API is trusted with its CA; without it nothing was created', async () => {
  await using clouds = await startClouds({ clouds: ['ivs'], media: 'paper' });
  const { cert, key } = await makeCertificate(['localhost']);
  const server = createSecureServer({ cert, key }, (_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json' }).end('{"channels":[]}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    const address = server.address();
    const port = typeof address === 'object' ? address?.port : undefined;
    const spec = { endpoint: `https://localhost:${String(port)}` };
    await open(clouds, { spec, credentials: { 'ca.crt': cert } }).verify(signal());
    const distrusting = open(clouds, { spec, credentials: { 'ca.crt': undefined } });
    await expect(distrusting.createStream(request, signal())).rejects.toMatchObject({
      reason: 'PlatformUnavailable',
      retryable: false,
      outcome: 'none',
      message: expect.stringContaining('"ca.crt"'),
    });
  } finally {
    server.close();
    server.closeAllConnections();
  }
});

test.each([
  ['a web page', 200, '<html>Welcome</html>'],
  ['unrelated JSON', 200, '{"hello":"world"}'],
  ['an error of a proxy', 502, 'Bad Gateway'],
  ['a sign-in page', 403, '<html>Sign in</html>'],
])('%s at the URL is not mistaken for Amazon IVS', async (_what, status, body) => {
  await using clouds = await startClouds({ clouds: ['ivs'], media: 'paper' });
  const server = createServer((_request, response) => {
    response.writeHead(status).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    const address = server.address();
    const port = typeof address === 'object' ? address?.port : undefined;
    const there = open(clouds, { spec: { endpoint: `http://127.0.0.1:${String(port)}` } });
    await expect(there.verify(signal())).rejects.toMatchObject({
      reason: 'PlatformUnavailable',
      retryable: true,
    });
  } finally {
    server.close();
  }
});
