import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { z } from 'zod';
import { streamingPlatformSpecSchema } from '../../../src/api/streaming-platform.ts';
import { systemClock, type Clock } from '../../../src/base/clock.ts';
import { openCloudflare } from '../../../src/platforms/cloudflare/open-cloudflare.ts';
import type { PlatformDriver } from '../../../src/platforms/driver.ts';
import {
  streamId,
  type ProvisionedStream,
  type StreamId,
  type StreamRequest,
} from '../../../src/platforms/platform.ts';
import { RateLimits } from '../../../src/platforms/rate-limit.ts';
import { streamName } from '../../../src/platforms/stream-name.ts';
import {
  makeCloudflareWith,
  type CloudflareCloud,
  type CloudflareOptions,
} from '../../fixtures/clouds/cloudflare/cloudflare.ts';
import type { CloudContext, Cloud } from '../../fixtures/clouds/contract.ts';
import { scaledClock } from '../../fixtures/clouds/scaled-clock.ts';
import { startClouds, type Clouds } from '../../fixtures/clouds/start-clouds.ts';
import type { PaperMedia, PaperPublisher } from '../../fixtures/clouds/paper-media.ts';
import { eventually } from '../../support/wait/eventually.ts';
import { publish } from '../../support/ingest/rtmps-publisher.ts';
import { conformance } from './conformance.ts';
import type { ChangingCall, PlatformUnderTest } from './platform-under-test.ts';

interface Opening {
  readonly credentials?: Readonly<Record<string, string>>;
  readonly spec?: Readonly<Record<string, unknown>>;
  readonly clusterId?: string;
  readonly platform?: string;
  readonly clock?: Clock;
  readonly rateLimits?: RateLimits;
}

function open(cloud: Cloud, opening: Opening = {}): PlatformDriver {
  const { clusterId = 'c', platform = 'cloudflare', clock = systemClock } = opening;
  const spec = streamingPlatformSpecSchema.parse({
    provider: 'cloudflare',
    credentialsRef: { namespace: 'live', name: 'cloudflare' },
    cloudflare: { ...cloud.spec, ...opening.spec },
  });
  const credentials = new Map(Object.entries({ ...cloud.credentials, ...opening.credentials }));
  const rateLimits = opening.rateLimits ?? new RateLimits(clock);
  return openCloudflare(spec, credentials, { clusterId, platform, clock, rateLimits });
}

const signal = (): AbortSignal => AbortSignal.timeout(30_000);
const owner = { clusterId: 'c', platform: 'cloudflare', channelUid: 'u', channel: 'shop/auction' };

function request(options: Partial<StreamRequest> = {}): StreamRequest {
  const playback = { latency: 'standard', access: 'public', recording: 'off', ...options } as const;
  return { name: streamName(owner, playback), owner, attempt: 'one', ...playback };
}

conformance('Cloudflare Stream', async (): Promise<PlatformUnderTest> => {
  const clouds = await startClouds({ clouds: ['cloudflare'], media: 'real' });
  const cloud = clouds.cloud('cloudflare');
  const folder = await mkdtemp(join(tmpdir(), 'cloudflare-'));
  const caFile = join(folder, 'ca.crt');
  await writeFile(caFile, clouds.certificateAuthority);
  const rateLimits = new RateLimits(systemClock);
  const operations: Record<ChangingCall, string> = {
    createStream: 'liveInputs.create',
    rotateKey: 'liveInputs.rotateKeys',
    deleteStream: 'liveInputs.delete',
  };
  const { apiToken = '', signingKeyPem = '' } = cloud.credentials;
  return {
    open: (clusterId, platform) => open(cloud, { clusterId, platform, rateLimits }),
    openWithWrongCredentials: () => open(cloud, { credentials: { apiToken: 'x'.repeat(40) } }),
    openUnreachable: () => open(cloud, { spec: { baseUrl: 'http://127.0.0.1:9' } }),
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
      clouds.faults.add({ cloud: 'cloudflare', operation: operations[call], kind: 'lost-answer', times: 1 });
    },
    absentId: 'f'.repeat(32),
    secrets: [apiToken, signingKeyPem],
    [Symbol.asyncDispose]: async () => {
      await clouds[Symbol.asyncDispose]();
      await rm(folder, { recursive: true });
    },
  };
});

describe('the driver', () => {
  let clouds: Clouds<PaperMedia>;
  let cloud: CloudflareCloud;
  let platform: PlatformDriver;
  /** 3 s of real time are a minute for the cloud and the driver. */
  const clock = scaledClock({ factor: 20 });

  async function begin(
    options: CloudflareOptions & { readonly maxStreams?: number } = {},
    opening: Opening = {},
  ): Promise<void> {
    let made: CloudflareCloud | undefined;
    const make = (context: CloudContext): Cloud => (made = makeCloudflareWith(options)(context));
    clouds = await startClouds({
      clouds: { cloudflare: make },
      media: 'paper',
      clock,
      ...(options.maxStreams === undefined ? {} : { maxStreams: { cloudflare: options.maxStreams } }),
    });
    if (made === undefined) throw new Error('the cloud was not created');
    cloud = made;
    platform = open(cloud, { clock, ...opening });
  }

  const push = (stream: ProvisionedStream): PaperPublisher =>
    clouds.media.publish({ app: 'live', key: stream.streamKey.reveal() });
  const deleted = (id: StreamId): Promise<true> =>
    eventually('the recording is gone', 20, async () =>
      (await platform.deleteStream(id, signal())) ? true : undefined,
    );
  const count = (operation: string): number => clouds.calls.count('cloudflare', operation);

  beforeEach(() => begin());
  afterEach(async () => {
    await clouds[Symbol.asyncDispose]();
  });

  describe('reports which credential is at fault', () => {
    const verified = async (opening: Opening): Promise<unknown> =>
      open(cloud, { clock, ...opening })
        .verify(signal())
        .catch((error: unknown) => error);

    test('nothing if all are valid', async () => {
      expect(await verified({})).toBeUndefined();
      expect(cloud.streams()).toEqual([]);
    });

    test.each([
      ['a malformed token', 'short'],
      ['an unknown token', 'x'.repeat(40)],
    ])('%s', async (_what, apiToken) => {
      expect(await verified({ credentials: { apiToken } })).toMatchObject({
        reason: 'CredentialsRejected',
        retryable: false,
        message: expect.stringContaining('"apiToken"'),
      });
    });

    test('a revoked token', async () => {
      cloud.revoke(cloud.credentials['apiToken'] ?? '');
      expect(await verified({})).toMatchObject({ reason: 'CredentialsRejected' });
    });

    test.each(['read', 'none'] as const)('a token with the permission: %s', async (permission) => {
      expect(await verified({ credentials: { apiToken: cloud.token(permission) } })).toMatchObject({
        reason: 'PermissionDenied',
        retryable: false,
        message: expect.stringContaining('Stream:Edit'),
      });
    });

    test('a foreign account', async () => {
      const accountId = 'a'.repeat(32);
      const error = await verified({ spec: { accountId } });
      expect(error).toMatchObject({ reason: 'InvalidConfiguration', retryable: false });
      expect(String(error)).toContain(accountId);
      expect(String(error)).toContain(String(cloud.spec['accountId']));
    });

    test('a signing key that is missing in the account', async () => {
      expect(await verified({ credentials: { signingKeyId: 'gone' } })).toMatchObject({
        reason: 'CredentialsRejected',
        message: expect.stringContaining('signing key gone'),
      });
    });

    test('only the rejected call', async () => {
      clouds.faults.add({ operation: 'liveInputs.create', kind: 'no-permission', times: 1 });
      await expect(platform.createStream(request(), signal())).rejects.toMatchObject({
        reason: 'PermissionDenied',
        outcome: 'none',
        message: expect.stringContaining('liveInputs.create'),
      });
    });
  });

  describe('creating', () => {
    test('always requests a recording, without which there would be no HLS', async () => {
      const stream = await platform.createStream(request(), signal());
      push(stream);
      const answer = await eventually('a playlist', 10, async () => {
        const response = await fetch(stream.playbackUrl);
        return response.status === 200 ? response.text() : undefined;
      });
      expect(answer).toContain('#EXTM3U');
    });

    test('again in the same attempt returns the same input, immediately and after a lost response', async () => {
      const [first, second] = await Promise.all([
        platform.createStream(request(), signal()),
        open(cloud, { clock }).createStream(request(), signal()),
      ]);
      expect(second.id).toBe(first.id);
      clouds.faults.add({ operation: 'liveInputs.create', kind: 'lost-answer', times: 1 });
      const other = { ...request(), attempt: 'two' };
      await expect(platform.createStream(other, signal())).rejects.toMatchObject({
        outcome: 'unknown',
        retryable: true,
      });
      const again = await platform.createStream(other, signal());
      expect(cloud.streams().map(({ id }) => id)).toEqual([first.id, again.id]);
    });

    test('recreates an input that was deleted by hand, once, although its key is used up for six hours', async () => {
      const first = await platform.createStream(request(), signal());
      await deleted(first.id);
      const second = await platform.createStream(request(), signal());
      const third = await platform.createStream(request(), signal());
      expect(second.id).not.toBe(first.id);
      expect(third.id).toBe(second.id);
      expect(cloud.streams()).toHaveLength(1);
    });

    test('gives up with a reason when the input is deleted repeatedly', async () => {
      for (let time = 0; time < 8; time++)
        await deleted((await platform.createStream(request(), signal())).id);
      await expect(platform.createStream(request(), signal())).rejects.toMatchObject({
        reason: 'PlatformUnavailable',
        retryable: true,
        outcome: 'none',
        message: expect.stringContaining('six hours'),
      });
    });

    test.each(['server-error', 'unavailable', 'throttled', 'quota-full'] as const)('%s', async (kind) => {
      clouds.faults.add({ operation: 'liveInputs.create', kind, times: 1 });
      const [reason, outcome] = {
        'server-error': ['PlatformUnavailable', 'unknown'],
        unavailable: ['PlatformUnavailable', 'unknown'],
        throttled: ['PlatformThrottled', 'none'],
        'quota-full': ['QuotaExceeded', 'none'],
      }[kind];
      await expect(platform.createStream(request(), signal())).rejects.toMatchObject({
        reason,
        outcome,
        retryable: true,
      });
      expect(count('liveInputs.create')).toBe(1); // the caller decides what to do next
    });

    test('no response: the outcome is unknown as soon as the caller aborts', async () => {
      clouds.faults.add({ operation: 'liveInputs.create', kind: 'hang-after', times: 1 });
      await expect(platform.createStream(request(), AbortSignal.timeout(500))).rejects.toMatchObject({
        reason: 'PlatformUnavailable',
        outcome: 'unknown',
        retryable: true,
      });
      expect(cloud.streams()).toHaveLength(1);
      await platform.createStream(request(), signal());
      expect(cloud.streams()).toHaveLength(1);
    });

    test('the outcome is unknown when the input was created but cannot be corrected', async () => {
      const { id } = await platform.createStream(request(), signal());
      await setByHand(id, { recording: { mode: 'off' } });
      clouds.faults.add({ operation: 'liveInputs.update', kind: 'throttled', times: 1 });
      await expect(platform.createStream(request(), signal())).rejects.toMatchObject({
        reason: 'PlatformThrottled',
        outcome: 'unknown',
      });
    });
  });

  test('an account that is full, by inputs or by storage, is reported as a quota error', async () => {
    await clouds[Symbol.asyncDispose]();
    await begin({ maxStreams: 1 });
    await platform.createStream(request(), signal());
    await expect(platform.createStream(request({ latency: 'low' }), signal())).rejects.toMatchObject({
      reason: 'QuotaExceeded',
      retryable: true,
    });
    await clouds[Symbol.asyncDispose]();
    await begin({ storageMinutes: 0 });
    await expect(platform.createStream(request(), signal())).rejects.toMatchObject({
      reason: 'QuotaExceeded',
      message: expect.stringContaining('storage'),
    });
  });

  describe('adopting', () => {
    test('corrects what a crash or a manual change has left', async () => {
      const made = await platform.createStream(request({ access: 'signed' }), signal());
      await setByHand(made.id, {
        enabled: false,
        deleteRecordingAfterDays: null,
        recording: { mode: 'off', requireSignedURLs: false, allowedOrigins: ['example.com'] },
      });
      const opened = await platform.openStream(made.id, signal());
      expect({ ...opened, streamKey: opened?.streamKey.reveal() }).toEqual({
        ...made,
        streamKey: made.streamKey.reveal(),
      });
      push(made);
      expect(await readByHand(made.id)).toMatchObject({
        enabled: true,
        deleteRecordingAfterDays: 30,
        recording: { mode: 'automatic', requireSignedURLs: true, allowedOrigins: ['example.com'] },
      });
    });

    test('writes nothing when all is correct', async () => {
      const { id } = await platform.createStream(request({ latency: 'low' }), signal());
      clouds.calls.clear();
      await platform.openStream(id, signal());
      expect(clouds.calls.all().map(({ operation }) => operation)).toEqual(['liveInputs.get']);
    });
  });

  describe('recordings', () => {
    const broadcast = async (stream: ProvisionedStream): Promise<void> => {
      push(stream).end();
      await eventually('the recording', 10, async () =>
        cloud.recordings().some(({ liveInput, state }) => liveInput === stream.id && state === 'ready')
          ? true
          : undefined,
      );
    };

    test('of a channel that wants none are deleted with the stream, including that of a broadcast in progress', async () => {
      const stream = await platform.createStream(request(), signal());
      await broadcast(stream);
      push(stream);
      expect(cloud.recordings()).toHaveLength(2);
      await deleted(stream.id);
      expect(cloud.recordings()).toEqual([]);
      expect(cloud.streams()).toEqual([]);
    });

    test('that a channel wants are kept for the time in the StreamingPlatform', async () => {
      platform = open(cloud, { clock, spec: { deleteRecordingsAfterDays: 60 } });
      const stream = await platform.createStream(request({ recording: 'automatic' }), signal());
      await broadcast(stream);
      await deleted(stream.id);
      const [kept, ...others] = cloud.recordings();
      expect(others).toEqual([]);
      const days = ((kept?.scheduledDeletion?.getTime() ?? 0) - clock.now().getTime()) / 86_400_000;
      expect(Math.round(days)).toBe(60);
    });

    test('of other inputs, and foreign ones, are not touched', async () => {
      const foreign = cloud.makeForeignStream();
      const found = cloud.streams().find(({ id }) => id === foreign);
      if (found === undefined) throw new Error('there is no foreign stream');
      clouds.media.publish({ app: 'live', key: found.streamKey }).end();
      const stream = await platform.createStream(request(), signal());
      await broadcast(stream);
      await deleted(stream.id);
      expect(cloud.recordings().map(({ liveInput }) => liveInput)).toEqual([found.id]);
      await deleted(streamId(found.id));
      expect(cloud.recordings()).toHaveLength(1);
    });

    test('that a stale listing does not contain are deleted nevertheless', async () => {
      const stream = await platform.createStream(request(), signal());
      push(stream);
      const stale = clouds.faults.add({ kind: 'stale-list', ms: 20_000 });
      expect(await platform.deleteStream(stream.id, signal())).toBe(false);
      stale();
      await deleted(stream.id);
      expect(cloud.recordings()).toEqual([]);
    });

    test('that Cloudflare refuses to delete although they are finished lead to an error', async () => {
      const stream = await platform.createStream(request(), signal());
      await broadcast(stream);
      clouds.faults.add({ operation: 'stream.delete', kind: 'quota-full', times: 1 });
      await expect(platform.deleteStream(stream.id, signal())).rejects.toMatchObject({
        message: expect.stringContaining('stream.delete'),
      });
      expect(cloud.streams()).toHaveLength(1);
    });

    test('that never existed do not delay the deletion of a stream that was never pushed to', async () => {
      const { id } = await platform.createStream(request(), signal());
      expect(await platform.deleteStream(id, signal())).toBe(true);
    });

    test.each([
      'liveInputs.get',
      'liveInputs.update',
      'liveInputs.videos',
      'stream.delete',
      'liveInputs.delete',
    ])(
      'a crash at %s, before or after its effect, leaves nothing behind after a retry',
      async (operation) => {
        for (const kind of ['unavailable', 'lost-answer'] as const) {
          const stream = await platform.createStream({ ...request(), attempt: kind }, signal());
          await broadcast(stream);
          push(stream);
          clouds.faults.add({ operation, kind, times: 1 });
          const outcome = await eventually('the call fails', 20, async () => {
            try {
              await platform.deleteStream(stream.id, signal());
              return undefined;
            } catch (error) {
              return error;
            }
          });
          expect(outcome).toMatchObject({ reason: 'PlatformUnavailable', retryable: true });
          platform = open(cloud, { clock });
          await deleted(stream.id);
          expect(cloud.streams()).toEqual([]);
          expect(cloud.recordings()).toEqual([]);
        }
      },
    );
  });

  describe('on air', () => {
    test.each(['word', 'object'] as const)('observes it with a status that is a %s', async (statusShape) => {
      await clouds[Symbol.asyncDispose]();
      await begin({ statusShape });
      const stream = await platform.createStream(request(), signal());
      expect(await platform.observeStream(stream.id, signal())).toMatchObject({
        live: false,
        viewers: undefined,
      });
      const publisher = push(stream);
      expect(await platform.observeStream(stream.id, signal())).toMatchObject({
        live: true,
        viewers: 0,
        liveSince: publisher.session.startedAt,
      });
      publisher.end();
      expect(await platform.observeStream(stream.id, signal())).toMatchObject({
        live: false,
        liveSince: undefined,
      });
    });

    test('requests the beginning of a broadcast once', async () => {
      const stream = await platform.createStream(request(), signal());
      push(stream);
      for (let time = 0; time < 3; time++) await platform.observeStream(stream.id, signal());
      expect(count('stream.get')).toBe(1);
    });

    test('without the delivery host, the API reports whether a publisher is connected, and viewers are unknown', async () => {
      // The API's status, with playback at a port on which nothing listens.
      const proxy = createServer((incoming, outgoing) => {
        void (async () => {
          const answer = await fetch(`${clouds.baseUrl}${incoming.url ?? ''}`, {
            headers: { authorization: incoming.headers.authorization ?? '' },
          });
          const text = (await answer.text()).replaceAll(
            `${clouds.baseUrl}/cloudflare/delivery`,
            'http://127.0.0.1:9',
          );
          outgoing.writeHead(answer.status, { 'content-type': 'application/json' }).end(text);
        })();
      });
      proxy.listen(0, '127.0.0.1');
      await once(proxy, 'listening');
      try {
        const address = proxy.address();
        const port = typeof address === 'object' && address !== null ? address.port : 0;
        const baseUrl = `http://127.0.0.1:${String(port)}/cloudflare/client/v4`;
        const cutOff = open(cloud, { clock, spec: { baseUrl } });
        const stream = await platform.createStream(request(), signal());
        push(stream);
        expect(await cutOff.observeStream(stream.id, signal())).toMatchObject({
          live: true,
          viewers: undefined,
        });
        expect([...(await cutOff.analytics(signal()))]).toEqual([
          [stream.id, { viewers: undefined, ingestBitrateKbps: undefined }],
        ]);
      } finally {
        proxy.closeAllConnections();
        proxy.close();
      }
    });

    test('analytics of many streams need two API calls, and count viewers', async () => {
      const streams = await Promise.all(
        Array.from({ length: 40 }, (_, n) =>
          platform.createStream({ ...request(), attempt: `n${n}` }, signal()),
        ),
      );
      for (const stream of streams.slice(0, 30)) push(stream);
      const watched = streams[0];
      if (watched === undefined) throw new Error('there is no stream');
      await eventually('a playlist', 10, async () =>
        (await fetch(`${watched.playbackUrl}?viewer=a`)).status === 200 ? true : undefined,
      );
      await fetch(`${watched.playbackUrl}?viewer=b`);
      clouds.calls.clear();
      const told = await platform.analytics(signal());
      expect(clouds.calls.all().map(({ operation }) => operation)).toEqual([
        'stream.list',
        'liveInputs.list',
      ]);
      expect(told.size).toBe(30);
      expect(told.get(watched.id)).toEqual({ viewers: 2, ingestBitrateKbps: undefined });
    });

    test('delivered minutes are reported by channel, with a token that has the permission', async () => {
      const stream = await platform.createStream(request(), signal());
      push(stream);
      const from = new Date(clock.now().getTime() - 3_600_000);
      const delivered = await eventually('a minute with viewers', 20, async () => {
        for (const viewer of ['a', 'b']) await fetch(`${stream.playbackUrl}?viewer=${viewer}`);
        const told = await platform.usage?.delivered(from, clock.now(), signal());
        return told?.length === 0 ? undefined : told;
      });
      expect(delivered).toEqual([{ owner, viewerSeconds: expect.any(Number) }]);
      expect(await platform.usage?.delivered(new Date(0), from, signal())).toEqual([]);
      const reading = open(cloud, { clock, credentials: { apiToken: cloud.token('read') } });
      await expect(reading.usage?.delivered(from, clock.now(), signal())).rejects.toMatchObject({
        reason: 'PermissionDenied',
        message: expect.stringContaining('Account Analytics:Read'),
      });
    });

    test('adopting an input enables it when an interrupted deletion has left it disabled', async () => {
      const stream = await platform.createStream(request(), signal());
      const publisher = push(stream);
      clouds.faults.add({ operation: 'liveInputs.update', kind: 'lost-answer', times: 1 });
      await expect(platform.deleteStream(stream.id, signal())).rejects.toMatchObject({ outcome: 'unknown' });
      await publisher.ended;
      expect(() => push(stream)).toThrow();
      await platform.openStream(stream.id, signal());
      push(stream);
    });
  });

  test('a listing of more than a thousand is read completely', async () => {
    const mine = await platform.createStream(request(), signal());
    for (let n = 0; n < 1_050; n++) cloud.makeForeignStream();
    expect((await platform.findStreams(request().name, signal())).map(({ id }) => id)).toEqual([mine.id]);
    expect(count('liveInputs.list')).toBe(2);
  });

  test('a wait that Cloudflare requests is observed by every driver of the account', async () => {
    const rateLimits = new RateLimits(clock);
    const [one, another] = [open(cloud, { clock, rateLimits }), open(cloud, { clock, rateLimits })];
    clouds.faults.add({ kind: 'throttled', times: 1 });
    await expect(one.listStreams(signal())).rejects.toMatchObject({ reason: 'PlatformThrottled' });
    const before = clock.monotonic();
    await another.listStreams(signal());
    expect(clock.monotonic() - before).toBeGreaterThanOrEqual(1_000);
  });

  test("never exceeds four fifths of the account's rate limit", async () => {
    const since = clock.monotonic();
    await Promise.all(
      Array.from({ length: 120 }, () => platform.observeStream(streamId('f'.repeat(32)), signal())),
    );
    const calls = clouds.calls.all();
    expect(calls.every(({ status }) => status === 404)).toBe(true);
    // 60 at once, and the other 60 at 3 per second.
    expect(clock.monotonic() - since).toBeGreaterThanOrEqual(19_000);
  });

  test("the API's certificate is verified with the CA of the Secret", async () => {
    expect((await platform.createStream(request(), signal())).ingestCa).toBe(clouds.certificateAuthority);
    const { 'ca.crt': _, ...credentials } = cloud.credentials;
    const spec = cloud.spec;
    const without = open({ ...cloud, credentials, spec }, { clock });
    expect(await without.createStream(request(), signal())).not.toHaveProperty('ingestCa');
  });

  /** As done by hand in the dashboard. */
  async function byHand(method: string, id: string, body?: object): Promise<unknown> {
    const { accountId, baseUrl } = cloud.spec;
    const answer = await fetch(`${String(baseUrl)}/accounts/${String(accountId)}/stream/live_inputs/${id}`, {
      method,
      headers: { authorization: `Bearer ${cloud.credentials['apiToken'] ?? ''}` },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return z.object({ result: z.unknown() }).parse(await answer.json()).result;
  }
  const setByHand = (id: string, body: object): Promise<unknown> => byHand('PUT', id, body);
  const readByHand = (id: string): Promise<unknown> => byHand('GET', id);
});

test.each([
  ['a web page', 200, '<html>Welcome</html>'],
  ['unrelated JSON', 200, '{"hello":"world"}'],
  ['an error of a proxy', 502, 'Bad Gateway'],
])('%s at the URL is not mistaken for Cloudflare', async (_what, status, body) => {
  const server = createServer((_request, response) => {
    response.writeHead(status, { 'content-type': 'application/json' }).end(body);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  try {
    const spec = streamingPlatformSpecSchema.parse({
      provider: 'cloudflare',
      credentialsRef: { namespace: 'live', name: 'cf' },
      cloudflare: { accountId: '0'.repeat(32), baseUrl: `http://127.0.0.1:${String(port)}` },
    });
    const platform = openCloudflare(spec, new Map([['apiToken', 't']]), {
      clusterId: 'c',
      platform: 'p',
      clock: systemClock,
      rateLimits: new RateLimits(systemClock),
    });
    for (const call of [() => platform.listStreams(signal()), () => platform.verify(signal())])
      await expect(call()).rejects.toMatchObject({ reason: 'PlatformUnavailable', retryable: true });
  } finally {
    server.closeAllConnections();
    server.close();
  }
});
