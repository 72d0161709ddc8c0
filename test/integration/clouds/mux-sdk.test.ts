import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import Mux from '@mux/mux-node';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { FakeClock } from '../../../src/base/testing/fake-clock.ts';
import { makeMux } from '../../fixtures/clouds/mux/mux.ts';
import { accessTokens } from '../../fixtures/clouds/mux/tokens.ts';
import type { PaperMedia, PaperPublisher } from '../../fixtures/clouds/paper-media.ts';
import { startClouds, type Clouds } from '../../fixtures/clouds/start-clouds.ts';
import { PublishedTypes } from './published-types.ts';

// The Mux fixture, tested with an independent client: the official SDK and its published types.

const sdk = dirname(createRequire(import.meta.url).resolve('@mux/mux-node'));
const streamTypes = new PublishedTypes(join(sdk, 'resources/video/live-streams.d.ts'));
const assetTypes = new PublishedTypes(join(sdk, 'resources/video/assets.d.ts'));
const sharedTypes = new PublishedTypes(join(sdk, 'resources/shared.d.ts'));

let clock: FakeClock;
let clouds: Clouds<PaperMedia>;
let mux: Mux;

beforeEach(async () => {
  clock = new FakeClock();
  clouds = await startClouds({ media: 'paper', clock, clouds: { mux: makeMux } });
  mux = client(accessTokens.full);
});
afterEach(async () => {
  await clouds[Symbol.asyncDispose]();
});

function client(token: { readonly id: string; readonly secret: string }, maxRetries = 0): Mux {
  return new Mux({
    tokenId: token.id,
    tokenSecret: token.secret,
    baseURL: clouds.cloud('mux').spec['baseUrl'] as string, // this fixture's own
    maxRetries,
  });
}
const streams = (): Mux.Video.LiveStreams => mux.video.liveStreams;
const publish = (key: string): PaperPublisher => clouds.media.publish({ app: 'app', key });

/** Publishes until the stream is active: Mux takes two seconds. */
async function onAir(stream: Mux.Video.LiveStream): Promise<PaperPublisher> {
  const publisher = publish(stream.stream_key);
  await clock.advance(2_000);
  return publisher;
}
const statusOf = async ({ id }: Mux.Video.LiveStream): Promise<string> =>
  (await streams().retrieve(id)).status;
const assetsOf = async ({ id }: Mux.Video.LiveStream): Promise<Mux.Video.Asset[]> =>
  (await mux.video.assets.list({ live_stream_id: id })).data;
async function errorOf(call: PromiseLike<unknown>): Promise<unknown> {
  try {
    await call;
  } catch (error) {
    return error;
  }
  throw new Error('it did not fail');
}
const isPublic = {
  playback_policies: ['public'],
  new_asset_settings: { playback_policies: ['public'] },
} satisfies Mux.Video.LiveStreamCreateParams;

describe('responses have the published shape', () => {
  test('for live streams, idle and live, created, read, listed, updated', async () => {
    const full = {
      ...isPublic,
      playback_policies: ['public', 'signed'],
      passthrough: 'p',
      meta: { title: 't' },
      test: true,
      latency_mode: 'low',
    } satisfies Mux.Video.LiveStreamCreateParams;
    for (const body of [{}, isPublic, full]) {
      const made = await streams().create(body);
      expect(streamTypes.differences('LiveStream', made)).toEqual([]);
      expect(await streams().retrieve(made.id)).toEqual(made);
      await onAir(made);
      const live = await streams().retrieve(made.id);
      expect(live).toMatchObject({ status: 'active', active_ingest_protocol: 'rtmp' });
      expect(streamTypes.differences('LiveStream', live)).toEqual([]);
      const reset = await streams().resetStreamKey(made.id);
      expect(streamTypes.differences('LiveStream', reset)).toEqual([]);
      const updated = await streams().update(made.id, { reconnect_window: 5, passthrough: 'q' });
      expect(streamTypes.differences('LiveStream', updated)).toEqual([]);
      expect(updated).toMatchObject({ reconnect_window: 5, passthrough: 'q' });
      await clock.advance(5_000);
    }
    const [listed] = (await streams().list({ status: 'active' })).data;
    expect(streamTypes.differences('LiveStream', listed)).toEqual([]);
  });

  test('for assets, live and complete', async () => {
    const stream = await streams().create(isPublic);
    const publisher = await onAir(stream);
    const [live] = await assetsOf(stream);
    expect(live).toMatchObject({ is_live: true, status: 'preparing', live_stream_id: stream.id });
    expect(assetTypes.differences('Asset', live)).toEqual([]);
    await clock.advance(10_000);
    publisher.end();
    await clock.advance(60_000);
    const ready = await mux.video.assets.retrieve(live?.id ?? '');
    expect(ready).toMatchObject({ status: 'ready', progress: { state: 'completed', progress: 100 } });
    expect(ready.duration).toBeGreaterThan(10);
    expect(assetTypes.differences('Asset', ready)).toEqual([]);
  });

  test('for playback IDs', async () => {
    const { id } = await streams().create(isPublic);
    const made = await streams().createPlaybackId(id, { policy: 'signed' });
    expect(sharedTypes.differences('PlaybackId', made)).toEqual([]);
    expect(await streams().retrievePlaybackId(id, made.id)).toEqual(made);
    expect((await streams().retrieve(id)).playback_ids).toHaveLength(2);
    await streams().deletePlaybackId(id, made.id);
    expect((await streams().retrieve(id)).playback_ids).toHaveLength(1);
  });

  test('and the check detects deviations', () => {
    expect(sharedTypes.differences('PlaybackId', { id: 1, policy: 'secret', extra: true })).toEqual([
      'PlaybackId.extra: is not published',
      'PlaybackId.id: 1 is no string',
      'PlaybackId.policy: "secret" is no "drm"',
    ]);
    expect(sharedTypes.differences('PlaybackId', { id: 'x' })).toEqual(['PlaybackId.policy: is missing']);
  });
});

describe('errors', () => {
  test('are the SDK’s errors', async () => {
    const wrong = client({ id: accessTokens.full.id, secret: 'wrong' });
    expect(await errorOf(wrong.video.liveStreams.list())).toBeInstanceOf(Mux.AuthenticationError);
    expect(await errorOf(streams().retrieve('nothing'))).toBeInstanceOf(Mux.NotFoundError);
    const invalid = await errorOf(streams().create({ ...isPublic, reconnect_window: 1_801 }));
    expect(invalid).toBeInstanceOf(Mux.BadRequestError);
    expect(invalid).toMatchObject({
      error: {
        error: { type: 'invalid_parameters', messages: [expect.stringContaining('reconnect_window')] },
      },
    });
    for (const [kind, expected] of [
      ['throttled', Mux.RateLimitError],
      ['server-error', Mux.InternalServerError],
      ['unavailable', Mux.InternalServerError],
      ['revoked', Mux.AuthenticationError],
      ['no-permission', Mux.PermissionDeniedError],
      ['quota-full', Mux.BadRequestError],
    ] as const) {
      clouds.faults.add({ cloud: 'mux', operation: 'liveStreams.create', kind, times: 1 });
      expect(await errorOf(streams().create(isPublic))).toBeInstanceOf(expected);
    }
    expect((await streams().list()).data).toEqual([]);
  });

  test('are returned for invalid requests', async () => {
    const refused: object[] = [
      { passthrough: 'x'.repeat(256) },
      { latency_mode: 'none' },
      { playback_policies: ['private'] },
      { test: true, max_continuous_duration: 60 },
      { unknown_field: 1 },
    ];
    for (const body of refused) expect(await errorOf(streams().create(body))).toMatchObject({ status: 400 });
    expect(await errorOf(streams().list({ limit: 101 }))).toMatchObject({ status: 400 });
  });

  test('are returned for a token without the permission, only for the operations that it covers', async () => {
    const reader = client(accessTokens.readOnly);
    expect((await reader.video.liveStreams.list()).data).toEqual([]);
    expect(await errorOf(reader.video.liveStreams.create(isPublic))).toMatchObject({ status: 401 });
  });

  test('are returned for more than one POST per second after a burst, with the time to retry', async () => {
    for (let made = 0; made < 10; made++) await streams().create(isPublic);
    const error = await errorOf(streams().create(isPublic));
    expect(error).toBeInstanceOf(Mux.RateLimitError);
    expect((error as InstanceType<typeof Mux.RateLimitError>).headers.get('retry-after')).toBe('1');
    await clock.advance(1_000);
    await streams().create(isPublic);
    expect(await errorOf(streams().create(isPublic))).toMatchObject({ status: 429 });
  });

  test("are returned for streams beyond the account's limit", async () => {
    await using small = await startClouds({
      media: 'paper',
      clouds: { mux: makeMux },
      maxStreams: { mux: 1 },
    });
    const baseURL = `${small.baseUrl}/mux`;
    const { id: tokenId, secret: tokenSecret } = accessTokens.full;
    const { liveStreams } = new Mux({ tokenId, tokenSecret, baseURL, maxRetries: 0 }).video;
    const { id } = await liveStreams.create(isPublic);
    expect(await errorOf(liveStreams.create(isPublic))).toMatchObject({ status: 400 });
    await liveStreams.delete(id);
    await liveStreams.create(isPublic);
  });
});

describe('lists', () => {
  test('are paginated with the newest first, and filtered', async () => {
    const made: Mux.Video.LiveStream[] = [];
    for (let n = 0; n < 12; n++) {
      made.push(await streams().create(isPublic));
      await clock.advance(1_000);
    }
    const ids = made.map(({ id }) => id).reverse();
    expect((await streams().list()).data.map(({ id }) => id)).toEqual(ids.slice(0, 10));
    expect((await streams().list({ limit: 5, page: 3 })).data.map(({ id }) => id)).toEqual(ids.slice(10));
    const all: string[] = [];
    for await (const { id } of streams().list({ limit: 5 })) all.push(id);
    expect(all).toEqual(ids);
    const first = made[0]?.stream_key ?? '';
    expect((await streams().list({ stream_key: first })).data).toMatchObject([{ id: made[0]?.id }]);
    await streams().disable(ids[0] ?? '');
    expect((await streams().list({ status: 'disabled' })).data).toHaveLength(1);
  });

  test('may be stale', async () => {
    clouds.faults.add({ cloud: 'mux', kind: 'stale-list', ms: 5_000 });
    const { id } = await streams().create(isPublic);
    expect((await streams().list()).data).toEqual([]);
    await clock.advance(5_000);
    expect((await streams().list()).data).toMatchObject([{ id }]);
  });
});

describe('a broadcast', () => {
  test.each([
    ['standard', undefined, 60],
    ['reduced', undefined, 0],
    ['low', undefined, 0],
    ['low', 20, 20],
  ] as const)(
    'in latency mode %s with window %s survives a disconnect of %s s',
    async (latency_mode, given, seconds) => {
      const stream = await streams().create({
        ...isPublic,
        latency_mode,
        ...(given === undefined ? {} : { reconnect_window: given }),
      });
      expect(stream.reconnect_window).toBe(seconds);
      const publisher = await onAir(stream);
      expect(await statusOf(stream)).toBe('active');
      publisher.end();
      if (seconds > 0) {
        await clock.advance(seconds * 1_000 - 1_000);
        expect(await statusOf(stream)).toBe('active');
        const again = publish(stream.stream_key);
        await clock.advance(seconds * 1_000);
        expect(await assetsOf(stream)).toHaveLength(1); // the same recording continues
        again.end();
        await clock.advance(seconds * 1_000);
      }
      expect(await statusOf(stream)).toBe('idle');
      expect(await streams().retrieve(stream.id)).not.toHaveProperty('active_asset_id');
      await onAir(stream);
      const assets = await assetsOf(stream);
      expect(assets).toHaveLength(2);
      expect((await streams().retrieve(stream.id)).recent_asset_ids).toEqual(
        assets.map(({ id }) => id).reverse(),
      );
    },
  );

  test('ends immediately when it is completed; its encoder is disconnected a minute later', async () => {
    const stream = await streams().create(isPublic);
    const publisher = await onAir(stream);
    await clock.advance(10_000);
    await streams().complete(stream.id);
    expect(await statusOf(stream)).toBe('idle');
    let over = false;
    void publisher.ended.then(() => (over = true));
    await clock.advance(59_000);
    expect(over).toBe(false);
    await clock.advance(1_000);
    expect(over).toBe(true);
    expect(await assetsOf(stream)).toMatchObject([{ status: 'ready' }]);
    await onAir(stream);
    expect(await statusOf(stream)).toBe('active');
  });

  test('ends when its stream is disabled; its encoder is disconnected and rejected until it is enabled', async () => {
    const stream = await streams().create(isPublic);
    const publisher = await onAir(stream);
    await streams().disable(stream.id);
    await publisher.ended;
    expect(await statusOf(stream)).toBe('disabled');
    expect(() => publish(stream.stream_key)).toThrow(/rejects this publisher/);
    await streams().enable(stream.id);
    await onAir(stream);
    expect(await statusOf(stream)).toBe('active');
  });

  test('continues when the key is reset, which only affects the next encoder', async () => {
    const stream = await streams().create(isPublic);
    await onAir(stream);
    const { stream_key } = await streams().resetStreamKey(stream.id);
    expect(await statusOf(stream)).toBe('active');
    expect(() => publish(stream.stream_key)).toThrow(/has no such stream key/);
    publish(stream_key);
  });

  test('ends with its stream and leaves its recording behind', async () => {
    const stream = await streams().create(isPublic);
    const publisher = await onAir(stream);
    await streams().delete(stream.id);
    await publisher.ended;
    expect(await errorOf(streams().retrieve(stream.id))).toMatchObject({ status: 404 });
    const [asset] = await assetsOf(stream);
    expect(asset).toMatchObject({ status: 'ready' });
    await mux.video.assets.delete(asset?.id ?? '');
    expect(await assetsOf(stream)).toEqual([]);
  });

  test('of a test stream lasts five minutes, and its recording a day', async () => {
    const stream = await streams().create({ ...isPublic, test: true });
    const publisher = await onAir(stream);
    await clock.advance(300_000);
    await publisher.ended;
    expect(await statusOf(stream)).toBe('disabled');
    expect(await errorOf(streams().enable(stream.id))).toMatchObject({ status: 400 });
    expect(await assetsOf(stream)).toHaveLength(1);
    await clock.advance(24 * 3_600_000);
    expect(await assetsOf(stream)).toEqual([]);
  });
});

describe('viewers', () => {
  const keyed = (): Mux => {
    const { tokenId, tokenSecret, signingKeyId, signingPrivateKey } = clouds.cloud('mux').credentials;
    return new Mux({
      tokenId: tokenId ?? '',
      tokenSecret: tokenSecret ?? '',
      jwtSigningKey: signingKeyId ?? '',
      jwtPrivateKey: signingPrivateKey ?? '',
    });
  };
  const url = (path: string): string => `${clouds.baseUrl}/mux${path}`;

  test('watch while the stream is live; before and after, they get an error', async () => {
    const stream = await streams().create(isPublic);
    const playlist = url(`/${stream.playback_ids?.[0]?.id ?? ''}.m3u8`);
    expect((await fetch(playlist)).status).toBe(412);
    await onAir(stream);
    await clock.advance(10_000);
    const master = await (await fetch(playlist)).text();
    const rendition = new URL(master.split('\n').find((line) => line.endsWith('.m3u8')) ?? '', playlist);
    expect(await (await fetch(rendition)).text()).toContain('#EXTINF');
    await streams().complete(stream.id);
    expect(await (await fetch(rendition)).text()).toContain('#EXT-X-ENDLIST');
    await clock.advance(61_000);
    expect((await fetch(playlist)).status).toBe(412);
    expect((await fetch(url('/unknown.m3u8'))).status).toBe(404);
  });

  test('of a signed stream need the SDK’s token, which expires', async () => {
    // The SDK signs with the wall clock's time.
    await using now = await startClouds({ media: 'paper', clouds: { mux: makeMux } });
    const { credentials } = now.cloud('mux');
    const own = new Mux({
      tokenId: credentials['tokenId'] ?? '',
      tokenSecret: credentials['tokenSecret'] ?? '',
      jwtSigningKey: credentials['signingKeyId'] ?? '',
      jwtPrivateKey: credentials['signingPrivateKey'] ?? '',
      baseURL: `${now.baseUrl}/mux`,
    });
    const stream = await own.video.liveStreams.create({ playback_policies: ['signed'] });
    const id = stream.playback_ids?.[0]?.id ?? '';
    const get = async (token: string): Promise<number> =>
      (await fetch(`${now.baseUrl}/mux/${id}.m3u8?token=${token}`)).status;
    const sign = own.jwt.signPlaybackId.bind(own.jwt);
    expect(await get(await sign(id, { expiration: '1m' }))).toBe(412); // allowed, but nothing is live
    expect(await get('')).toBe(403);
    expect(await get(await sign(id, { expiration: '0s' }))).toBe(403);
    expect(await get(await sign('another', { expiration: '1m' }))).toBe(403);
    expect(await get(await sign(id, { expiration: '1m', type: 'thumbnail' }))).toBe(403);
    expect(await get(await sign(id, { expiration: '1m', keyId: 'another' }))).toBe(403);
    expect(await get(await keyed().jwt.signPlaybackId(id, { expiration: '1m' }))).toBe(403);
    const counts = await own.jwt.signViewerCounts(stream.id, { type: 'live_stream', expiration: '1m' });
    const answer = await fetch(`${now.baseUrl}/mux/counts?token=${counts}`);
    expect(await answer.json()).toMatchObject({ data: [{ viewers: 0 }] });
    const ofAsset = await own.jwt.signViewerCounts(stream.id, { type: 'asset', expiration: '1m' });
    expect((await fetch(`${now.baseUrl}/mux/counts?token=${ofAsset}`)).status).toBe(401);
  });
});
