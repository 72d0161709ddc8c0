import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import Mux from '@mux/mux-node';
import { Agent } from 'undici';
import { SecretText } from '../../../src/base/secret-text.ts';
import { streamingPlatformSpecSchema } from '../../../src/api/streaming-platform.ts';
import { systemClock, type Clock } from '../../../src/base/clock.ts';
import { FakeClock } from '../../../src/base/testing/fake-clock.ts';
import { MuxApi } from '../../../src/platforms/mux/mux-api.ts';
import { openMux } from '../../../src/platforms/mux/open-mux.ts';
import type { PlatformDriver } from '../../../src/platforms/driver.ts';
import { streamId, type StreamRequest } from '../../../src/platforms/platform.ts';
import { RateLimits } from '../../../src/platforms/rate-limit.ts';
import { streamName } from '../../../src/platforms/stream-name.ts';
import { makeMux } from '../../fixtures/clouds/mux/mux.ts';
import { accessTokens } from '../../fixtures/clouds/mux/tokens.ts';
import type { PaperMedia } from '../../fixtures/clouds/paper-media.ts';
import { scaledClock } from '../../fixtures/clouds/scaled-clock.ts';
import { startClouds, type Clouds } from '../../fixtures/clouds/start-clouds.ts';
import { publish } from '../../support/ingest/rtmps-publisher.ts';
import { conformance } from './conformance.ts';
import type { PlatformUnderTest } from './platform-under-test.ts';

interface Opening {
  readonly clusterId?: string;
  readonly platform?: string;
  readonly credentials?: Readonly<Record<string, string>>;
  readonly mux?: Readonly<Record<string, unknown>>;
  readonly rateLimits?: RateLimits;
  readonly clock?: Clock;
}

/** For the driver's rate limits, where the test advances the cloud's clock. */
const hurried = scaledClock({ factor: 20 });

/** The driver as the operator opens it, for this cloud. */
function open(clouds: Clouds, opening: Opening = {}): PlatformDriver {
  const cloud = clouds.cloud('mux');
  const { clock = systemClock, rateLimits = new RateLimits(hurried) } = opening;
  const spec = streamingPlatformSpecSchema.parse({
    provider: 'mux',
    credentialsRef: { namespace: 'live', name: 'mux' },
    mux: { ...cloud.spec, ...opening.mux },
  });
  const credentials = new Map(Object.entries({ ...cloud.credentials, ...opening.credentials }));
  const { clusterId = 'c', platform = 'mux' } = opening;
  return openMux(spec, credentials, { clusterId, platform, clock, rateLimits });
}

conformance('Mux', async (): Promise<PlatformUnderTest> => {
  const clouds = await startClouds({ media: 'real', clouds: { mux: makeMux } });
  const cloud = clouds.cloud('mux');
  const folder = await mkdtemp(join(tmpdir(), 'mux-conformance-'));
  const caFile = join(folder, 'ca.crt');
  await writeFile(caFile, clouds.certificateAuthority);
  const rateLimits = new RateLimits(systemClock);
  // Short, for the tests that wait for its end.
  const given: Opening = {
    mux: { reconnectWindowSeconds: 5 },
    credentials: { 'ca.crt': clouds.certificateAuthority },
    rateLimits,
  };
  const operations = {
    createStream: 'liveStreams.create',
    rotateKey: 'liveStreams.resetStreamKey',
    deleteStream: 'liveStreams.disable',
  } as const;
  return {
    open: (clusterId, platform) => open(clouds, { ...given, clusterId, platform }),
    openWithWrongCredentials: () =>
      open(clouds, { credentials: { tokenSecret: 'wrong-secret-wrong-secret' } }),
    // Not port 9, which fetch refuses to call.
    openUnreachable: () => open(clouds, { mux: { baseUrl: 'http://127.0.0.1:2' } }),
    publish: (stream) => {
      expect(stream.ingestCa).toBe(clouds.certificateAuthority);
      return publish({ ingestUrl: stream.ingestUrl, streamKey: stream.streamKey.reveal(), caFile });
    },
    makeForeignStream: () => Promise.resolve(cloud.makeForeignStream()),
    exists: (id) => Promise.resolve(cloud.streams().some((stream) => stream.id === id)),
    loseNextAnswer: (call) => {
      clouds.faults.add({ cloud: 'mux', operation: operations[call], kind: 'lost-answer', times: 1 });
    },
    absentId: 'a'.repeat(44),
    secrets: [
      cloud.credentials['tokenSecret'] ?? '',
      cloud.credentials['signingPrivateKey'] ?? '',
      'wrong-secret-wrong-secret',
    ],
    // An encoder that stays connected is disconnected a minute after its broadcast was ended.
    patienceSeconds: 90,
    [Symbol.asyncDispose]: async () => {
      await clouds[Symbol.asyncDispose]();
      await rm(folder, { recursive: true, force: true });
    },
  };
});

describe('the driver of Mux', () => {
  /** Clock of the cloud. */
  let clock: FakeClock;
  let clouds: Clouds<PaperMedia>;
  let platform: PlatformDriver;
  /** Reads without the driver. */
  let mux: Mux;
  const signal = (): AbortSignal => AbortSignal.timeout(20_000);
  const owner = { clusterId: 'c', platform: 'mux', channelUid: 'u', channel: 'shop/auction' };
  const requestFor = (options: Partial<StreamRequest> = {}): StreamRequest => {
    const playback = { latency: 'standard', access: 'public', recording: 'off', ...options } as const;
    return { name: streamName(owner, playback), owner, attempt: 'one', ...playback };
  };

  beforeEach(async () => {
    clock = new FakeClock();
    clouds = await startClouds({ media: 'paper', clock, clouds: { mux: makeMux } });
    platform = open(clouds);
    mux = new Mux({
      tokenId: accessTokens.full.id,
      tokenSecret: accessTokens.full.secret,
      baseURL: `${clouds.baseUrl}/mux`,
    });
  });
  afterEach(async () => {
    await clouds[Symbol.asyncDispose]();
  });

  async function onAir(
    request: StreamRequest,
  ): Promise<{ id: string; ended: Promise<void>; end: () => void }> {
    const stream = await platform.createStream(request, signal());
    const publisher = clouds.media.publish({ app: 'app', key: stream.streamKey.reveal() });
    await clock.advance(2_000);
    return {
      id: stream.id,
      ended: publisher.ended,
      end: () => {
        publisher.end();
      },
    };
  }
  const assets = async (): Promise<string[]> => (await mux.video.assets.list()).data.map(({ id }) => id);
  const streams = (): readonly string[] =>
    clouds
      .cloud('mux')
      .streams()
      .map(({ id }) => id);

  test.each(['standard', 'reduced', 'low'] as const)(
    'sets the reconnect window in latency mode %s, where a disconnect would otherwise end the broadcast',
    async (latencyMode) => {
      const { id } = await open(clouds, { mux: { latencyMode } }).createStream(requestFor(), signal());
      const made = await mux.video.liveStreams.retrieve(id);
      expect(made).toMatchObject({ latency_mode: latencyMode, reconnect_window: 60 });
      expect(made.test).toBeUndefined();
      const low = requestFor({ latency: 'low' });
      const other = await open(clouds, { mux: { latencyMode } }).createStream(low, signal());
      expect((await mux.video.liveStreams.retrieve(other.id)).latency_mode).toBe('low');
    },
  );

  test('creates test streams when configured', async () => {
    const { id } = await open(clouds, { mux: { test: true } }).createStream(requestFor(), signal());
    expect((await mux.video.liveStreams.retrieve(id)).test).toBe(true);
  });

  test('ingests at Mux by default, and plays from there', async () => {
    const spec = streamingPlatformSpecSchema.parse({
      provider: 'mux',
      credentialsRef: { namespace: 'live', name: 'mux' },
      mux: { baseUrl: `${clouds.baseUrl}/mux` },
    });
    const context = {
      clusterId: 'c',
      platform: 'mux',
      clock: systemClock,
      rateLimits: new RateLimits(systemClock),
    };
    const plain = openMux(spec, new Map(Object.entries(clouds.cloud('mux').credentials)), context);
    const stream = await plain.createStream(requestFor(), signal());
    expect(stream.ingestUrl).toBe('rtmps://global-live.mux.com:443/app/');
    expect(stream.playbackUrl).toMatch(/^https:\/\/stream\.mux\.com\/\w+\.m3u8$/);
    expect(stream).not.toHaveProperty('ingestCa');
  });

  describe('recordings', () => {
    test('of a channel that wants none are deleted with their stream, wherever the deletion was interrupted', async () => {
      const calls = ['liveStreams.disable', 'assets.list', 'assets.delete', 'liveStreams.delete'];
      for (const operation of calls)
        for (const kind of ['lost-answer', 'unavailable'] as const) {
          const { id } = await onAir(requestFor());
          expect(await assets()).toHaveLength(1);
          clouds.faults.add({ cloud: 'mux', operation, kind, times: 1 });
          await expect(platform.deleteStream(streamId(id), signal())).rejects.toMatchObject({
            outcome: operation === 'assets.list' ? 'none' : 'unknown',
          });
          expect(await platform.deleteStream(streamId(id), signal())).toBe(true);
          expect([streams(), await assets()]).toEqual([[], []]);
          await clock.advance(10_000);
        }
    }, 60_000);

    test('of a channel that wants none are deleted although the list of them is stale', async () => {
      const { id } = await onAir(requestFor());
      clouds.faults.add({ cloud: 'mux', kind: 'stale-list', ms: 60_000 });
      expect(await platform.deleteStream(streamId(id), signal())).toBe(true);
      clouds.faults.clear();
      expect(await assets()).toEqual([]);
    });

    test('of a channel that wants them are kept', async () => {
      const { id, ended } = await onAir(requestFor({ recording: 'automatic' }));
      expect(await platform.deleteStream(streamId(id), signal())).toBe(true);
      await ended;
      expect(streams()).toEqual([]);
      expect(await assets()).toHaveLength(1);
    });

    test('of every broadcast of a stream are deleted with it', async () => {
      const { id, end } = await onAir(requestFor());
      end();
      await clock.advance(60_000);
      const again = await platform.openStream(streamId(id), signal());
      clouds.media.publish({ app: 'app', key: again?.streamKey.reveal() ?? '' });
      await clock.advance(2_000);
      expect(await assets()).toHaveLength(2);
      expect(await platform.deleteStream(streamId(id), signal())).toBe(true);
      expect(await assets()).toEqual([]);
    });
  });

  test('never touches foreign streams', async () => {
    const foreign = Array.from({ length: 5 }, () => clouds.cloud('mux').makeForeignStream());
    const theirs = await open(clouds, { clusterId: 'other' }).createStream(
      { ...requestFor(), owner: { ...owner, clusterId: 'other' } },
      signal(),
    );
    const before = (await mux.video.liveStreams.list({ limit: 100 })).data;
    clouds.calls.clear();
    for (const id of [...foreign.map(streamId), theirs.id]) {
      expect(await platform.deleteStream(id, signal())).toBe(true);
      expect(await platform.rotateKey(id, signal())).toBeUndefined();
      await platform.disownStream(id, signal());
      await clock.advance(10_000);
    }
    expect((await mux.video.liveStreams.list({ limit: 100 })).data).toEqual(before);
    expect(clouds.calls.all('mux').every(({ operation }) => /retrieve|list/.test(operation))).toBe(true);
    expect(await platform.listStreams(signal())).toEqual([]);
  }, 30_000);

  test('finds its stream among more than a page of others', async () => {
    const { id } = await platform.createStream(requestFor(), signal());
    for (let n = 0; n < 250; n++) clouds.cloud('mux').makeForeignStream();
    clouds.calls.clear();
    const found = await platform.findStreams(requestFor().name, signal());
    expect(found.map((stream) => stream.id)).toEqual([id]);
    expect(clouds.calls.count('mux', 'liveStreams.list')).toBe(3);
  });

  test('rotates a key, disconnects its publisher immediately, and can repeat it after any lost response', async () => {
    const { id, ended } = await onAir(requestFor());
    for (const operation of ['liveStreams.resetStreamKey', 'liveStreams.disable', 'liveStreams.enable']) {
      clouds.faults.add({ cloud: 'mux', operation, kind: 'lost-answer', times: 1 });
      await expect(platform.rotateKey(streamId(id), signal())).rejects.toMatchObject({ outcome: 'unknown' });
    }
    const rotated = await platform.rotateKey(streamId(id), signal());
    await ended;
    clouds.media.publish({ app: 'app', key: rotated?.streamKey.reveal() ?? '' });
    await clock.advance(2_000);
    expect(await platform.observeStream(streamId(id), signal())).toMatchObject({ live: true });
  });

  test('enables a stream that an interrupted rotation left disabled', async () => {
    const { id } = await platform.createStream(requestFor(), signal());
    clouds.faults.add({ cloud: 'mux', operation: 'liveStreams.enable', kind: 'unavailable', times: 1 });
    await expect(platform.rotateKey(id, signal())).rejects.toMatchObject({ reason: 'PlatformUnavailable' });
    expect((await mux.video.liveStreams.retrieve(id)).status).toBe('disabled');
    await platform.openStream(id, signal());
    expect((await mux.video.liveStreams.retrieve(id)).status).toBe('idle');
  });

  test('needs one more call per broadcast, not per observation, for the start time of a live stream', async () => {
    const { id } = await onAir(requestFor());
    clouds.calls.clear();
    for (let look = 0; look < 3; look++)
      expect((await platform.observeStream(streamId(id), signal()))?.liveSince).toEqual(
        new Date('2026-01-01T00:00:02Z'),
      );
    expect(clouds.calls.count('mux', 'assets.retrieve')).toBe(1);
  });

  test('reports the delivery of an hour by channel, including deleted streams and excluding foreign ones', async () => {
    const watch = async (id: string): Promise<void> => {
      const { playback_ids } = await mux.video.liveStreams.retrieve(id);
      const playlist = `${clouds.baseUrl}/mux/${playback_ids?.[0]?.id ?? ''}.m3u8`;
      for (const viewer of ['one', 'two']) {
        const master = await (await fetch(`${playlist}?viewer=${viewer}`)).text();
        await fetch(new URL(master.split('\n').find((line) => line.startsWith('rendition')) ?? '', playlist));
      }
    };
    const foreign = open(clouds, { clusterId: 'other' });
    const theirs = await foreign.createStream(
      { ...requestFor(), owner: { ...owner, clusterId: 'other' } },
      signal(),
    );
    const other = clouds.media.publish({ app: 'app', key: theirs.streamKey.reveal() });
    const { id, end } = await onAir(requestFor());
    await clock.advance(600_000);
    await watch(id);
    await watch(theirs.id);
    end();
    other.end();
    await platform.deleteStream(streamId(id), signal());
    const hour = [new Date('2026-01-01T00:00:00Z'), new Date('2026-01-01T01:00:00Z')] as const;
    // An hour is reported only when its figures are complete.
    await expect(platform.usage?.delivered(...hour, signal())).rejects.toMatchObject({
      reason: 'InvalidConfiguration',
    });
    await clock.advance(3_600_000 + (platform.usage?.settledAfterMs ?? 0));
    expect(await platform.usage?.delivered(...hour, signal())).toEqual([{ owner, viewerSeconds: 1_200 }]);
    const next = [hour[1], new Date('2026-01-01T02:00:00Z')] as const;
    await clock.advance(3_600_000);
    expect(await platform.usage?.delivered(...next, signal())).toEqual([]);
  });

  describe('viewer counts', () => {
    test('are those of Mux', async () => {
      const watched = open(clouds, { clock });
      const { id } = await onAir(requestFor());
      await clock.advance(10_000);
      const { playback_ids } = await mux.video.liveStreams.retrieve(id);
      const playlist = `${clouds.baseUrl}/mux/${playback_ids?.[0]?.id ?? ''}.m3u8`;
      for (const viewer of ['one', 'two']) {
        const master = await (await fetch(`${playlist}?viewer=${viewer}`)).text();
        await fetch(new URL(master.split('\n').find((line) => line.startsWith('rendition')) ?? '', playlist));
      }
      expect((await watched.observeStream(streamId(id), signal()))?.viewers).toBe(2);
      expect((await watched.analytics(signal())).get(streamId(id))).toMatchObject({ viewers: 2 });
    });

    test('are unknown when not requested, without a data key, and when Mux does not report them', async () => {
      const { id } = await onAir(requestFor());
      const without = [
        open(clouds, { clock, mux: { viewerCounts: false } }),
        open(clouds, { clock, credentials: { signingKeyId: '', signingPrivateKey: '' } }),
        open(clouds, { clock, mux: { statsUrl: 'http://127.0.0.1:2' } }),
      ];
      for (const one of without)
        expect((await one.analytics(signal())).get(streamId(id))).toEqual({
          viewers: undefined,
          ingestBitrateKbps: undefined,
        });
      clouds.faults.add({ cloud: 'mux', operation: 'counts', kind: 'unavailable' });
      expect((await open(clouds, { clock }).observeStream(streamId(id), signal()))?.viewers).toBeUndefined();
    });
  });

  describe('signed playback', () => {
    test('is not supported without a signing key', async () => {
      const keyless = open(clouds, { credentials: { signingKeyId: '', signingPrivateKey: '' } });
      expect(keyless.capabilities.signedPlayback).toBe(false);
      await expect(keyless.createStream(requestFor({ access: 'signed' }), signal())).rejects.toMatchObject({
        reason: 'InvalidConfiguration',
      });
      expect(streams()).toEqual([]);
    });
  });

  describe('permissions', () => {
    const readOnly = { tokenId: accessTokens.readOnly.id, tokenSecret: accessTokens.readOnly.secret };

    test('a read-only token is detected before anything is created, and distinguished from an invalid one', async () => {
      const reader = open(clouds, { credentials: readOnly });
      for (const call of [reader.verify(signal()), reader.createStream(requestFor(), signal())])
        await expect(call).rejects.toMatchObject({
          reason: 'PermissionDenied',
          retryable: false,
          outcome: 'none',
          message: expect.stringContaining('Mux Video Read and Write'),
        });
      const wrong = open(clouds, { credentials: { tokenSecret: 'wrong' } });
      await expect(wrong.verify(signal())).rejects.toMatchObject({ reason: 'CredentialsRejected' });
      expect(streams()).toEqual([]);
    });

    test('a token that is revoked or restricted later', async () => {
      await platform.verify(signal());
      const revoked = clouds.faults.add({ cloud: 'mux', kind: 'revoked' });
      await expect(platform.verify(signal())).rejects.toMatchObject({ reason: 'CredentialsRejected' });
      revoked();
      clouds.faults.add({ cloud: 'mux', operation: 'liveStreams.create', kind: 'no-permission' });
      await expect(platform.createStream(requestFor(), signal())).rejects.toMatchObject({
        reason: 'PermissionDenied',
      });
    });
  });

  test('waits in the queue when the account is full', async () => {
    clouds.faults.add({ cloud: 'mux', operation: 'liveStreams.create', kind: 'quota-full' });
    await expect(platform.createStream(requestFor(), signal())).rejects.toMatchObject({
      reason: 'QuotaExceeded',
      retryable: true,
      outcome: 'none',
    });
  });

  describe('the rate limit', () => {
    test('is that of Mux for all drivers: after a burst, one POST and five other calls per second', async () => {
      const pace = new FakeClock();
      const rateLimits = new RateLimits(pace);
      const [one, other] = [open(clouds, { rateLimits }), open(clouds, { rateLimits, platform: 'second' })];
      let made = 0;
      const creating = Array.from({ length: 8 }, (_, n) =>
        (n % 2 === 0 ? one : other).createStream(requestFor(), signal()).then(() => made++),
      );
      await Promise.all(creating.slice(0, 5));
      expect(made).toBe(5);
      await pace.advance(2_000);
      await Promise.all(creating.slice(5, 7));
      expect(made).toBe(7);
      await pace.advance(1_000);
      await Promise.all(creating);
      expect(clouds.calls.all('mux').every(({ status }) => status === 201)).toBe(true);
    });

    test('is adjusted when Mux throttles, and the call is repeated', async () => {
      clouds.faults.add({ cloud: 'mux', operation: 'liveStreams.create', kind: 'throttled', times: 1 });
      await platform.createStream(requestFor(), signal());
      const [first, second] = clouds.calls.all('mux');
      expect([first?.status, second?.status]).toEqual([429, 201]);
      expect(streams()).toHaveLength(1);
    });

    test('is reported when Mux keeps throttling', async () => {
      clouds.faults.add({ cloud: 'mux', operation: 'liveStreams.create', kind: 'throttled' });
      await expect(platform.createStream(requestFor(), signal())).rejects.toMatchObject({
        reason: 'PlatformThrottled',
        retryable: true,
        outcome: 'none',
      });
      expect(clouds.calls.count('mux')).toBe(3);
    });
  });

  test('does not repeat a create by itself, whatever the response', async () => {
    for (const kind of ['server-error', 'unavailable', 'lost-answer'] as const) {
      clouds.calls.clear();
      clouds.faults.add({ cloud: 'mux', operation: 'liveStreams.create', kind, times: 1 });
      await expect(platform.createStream(requestFor(), signal())).rejects.toMatchObject({
        reason: 'PlatformUnavailable',
        outcome: 'unknown',
        retryable: true,
      });
      expect(clouds.calls.count('mux')).toBe(1);
    }
    expect(await platform.findStreams(requestFor().name, signal())).toHaveLength(1); // of the lost response
  });

  test.each(['hang-before', 'hang-after'] as const)(
    'times out a response that does not arrive: %s',
    async (kind) => {
      const api = new MuxApi({
        tokenId: new SecretText(accessTokens.full.id),
        tokenSecret: new SecretText(accessTokens.full.secret),
        baseUrl: `${clouds.baseUrl}/mux`,
        agent: new Agent(),
        rateLimits: new RateLimits(systemClock),
        timeoutMs: 300,
      });
      clouds.faults.add({ cloud: 'mux', kind });
      await expect(api.createStream({ playback_policies: ['public'] }, signal())).rejects.toMatchObject({
        outcome: 'unknown',
        message: expect.stringContaining('took too long'),
      });
      await expect(api.listStreams({}, signal())).rejects.toMatchObject({ outcome: 'none' });
      expect(streams()).toHaveLength(kind === 'hang-after' ? 1 : 0);
    },
  );

  test.each([
    ['a web page', 200, 'text/html', '<html>Welcome</html>'],
    ['unrelated JSON', 200, 'application/json', '{"hello":"world"}'],
    ['a malformed list', 200, 'application/json', '{"data":{}}'],
    ['a malformed stream', 200, 'application/json', '{"data":{"id":7}}'],
    ['nothing', 200, 'application/json', ''],
    ['an error of a proxy', 502, 'text/html', 'Bad Gateway'],
  ])('does not mistake %s for Mux', async (_what, status, type, body) => {
    const server = createServer((_request, response) => {
      response.writeHead(status, { 'content-type': type }).end(body);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    try {
      const { port } = server.address() as AddressInfo; // it is listening
      const elsewhere = open(clouds, { mux: { baseUrl: `http://127.0.0.1:${String(port)}` } });
      const refused = { reason: 'PlatformUnavailable', retryable: true };
      await expect(elsewhere.verify(signal())).rejects.toMatchObject({ ...refused, outcome: 'none' });
      await expect(elsewhere.createStream(requestFor(), signal())).rejects.toMatchObject({
        ...refused,
        outcome: 'unknown',
      });
    } finally {
      server.closeAllConnections();
      server.close();
    }
  });
});
