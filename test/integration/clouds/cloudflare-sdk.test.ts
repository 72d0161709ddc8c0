import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import Cloudflare from 'cloudflare';
import { SignJWT, importPKCS8, type JWTPayload } from 'jose';
import { createPrivateKey, generateKeyPairSync, randomBytes, type KeyObject } from 'node:crypto';
import { z } from 'zod';
import { FakeClock } from '../../../src/base/testing/fake-clock.ts';
import {
  makeCloudflareWith,
  type CloudflareCloud,
  type CloudflareOptions,
} from '../../fixtures/clouds/cloudflare/cloudflare.ts';
import type { Cloud, CloudContext } from '../../fixtures/clouds/contract.ts';
import type { PaperMedia, PaperPublisher } from '../../fixtures/clouds/paper-media.ts';
import { startClouds, type Clouds } from '../../fixtures/clouds/start-clouds.ts';
import { PublishedTypes } from './published-types.ts';

// The Cloudflare Stream fixture, tested with an independent client: the official SDK and its published types.

type LiveInput = Cloudflare.Stream.LiveInput;
type NewInput = Omit<Cloudflare.Stream.LiveInputCreateParams, 'account_id'>;

let clock: FakeClock;
let clouds: Clouds<PaperMedia>;
let cloud: CloudflareCloud;
let cloudflare: Cloudflare;
let account: { readonly account_id: string };

async function begin(options: CloudflareOptions = {}): Promise<void> {
  clock = new FakeClock();
  let made: CloudflareCloud | undefined;
  const make = (context: CloudContext): Cloud => (made = makeCloudflareWith(options)(context));
  clouds = await startClouds({ media: 'paper', clock, clouds: { cloudflare: make } });
  if (made === undefined) throw new Error('the cloud was not created');
  cloud = made;
  account = { account_id: String(cloud.spec['accountId']) };
  cloudflare = client(cloud.credentials['apiToken'] ?? '');
}
beforeEach(() => begin({ statusShape: 'word' }));
afterEach(async () => {
  await clouds[Symbol.asyncDispose]();
});

function client(apiToken: string, maxRetries = 0): Cloudflare {
  return new Cloudflare({ apiToken, baseURL: String(cloud.spec['baseUrl']), maxRetries, logLevel: 'off' });
}
const inputs = (): Cloudflare.Stream.LiveInputs => cloudflare.stream.liveInputs;
const recorded = { recording: { mode: 'automatic' } } satisfies NewInput;
const create = (body: NewInput = recorded): Promise<LiveInput> => inputs().create({ ...account, ...body });
const get = ({ uid = '' }: LiveInput): Promise<LiveInput> => inputs().get(uid, account);
const rotate = async ({ uid = '' }: LiveInput): Promise<LiveInput> => {
  const path = `/accounts/${account.account_id}/stream/live_inputs/${uid}/rotate_keys`;
  return (await cloudflare.post<{ result: LiveInput }>(path)).result;
};
const update = ({ uid = '' }: LiveInput, body: NewInput): Promise<LiveInput> =>
  inputs().update(uid, { ...account, ...body });
const videosOf = async ({ uid = '' }: LiveInput): Promise<Cloudflare.Stream.Video[]> =>
  (await cloudflare.stream.list({ ...account, live_input_id: uid })).result;
const publish = ({ rtmps }: LiveInput): PaperPublisher =>
  clouds.media.publish({ app: 'live', key: rtmps?.streamKey ?? '' });
/** Publishes long enough that there are segments. */
async function onAir(input: LiveInput): Promise<PaperPublisher> {
  const publisher = publish(input);
  await clock.advance(6_000);
  return publisher;
}
const playlistOf = ({ playback }: LiveInput): Promise<Response> => fetch(playback?.hls ?? '');
async function deliveryInfo({ playback }: LiveInput, what: 'lifecycle' | 'views'): Promise<unknown> {
  return (await fetch((playback?.hls ?? '').replace('manifest/video.m3u8', what))).json();
}
async function errorOf(call: PromiseLike<unknown>): Promise<unknown> {
  try {
    await call;
  } catch (error) {
    return error;
  }
  throw new Error('it did not fail');
}

describe('responses have the published shape', () => {
  const sdk = dirname(createRequire(import.meta.url).resolve('cloudflare'));
  const types = new PublishedTypes(join(sdk, 'resources/stream/index.d.ts'));
  const videoTypes = new PublishedTypes(join(sdk, 'resources/stream/stream.d.ts'));

  /** Without deviations of the documentation's own examples from the types: null for what is not set. */
  const differences = (name: string, value: unknown): string[] =>
    (name === 'Video' ? videoTypes : types)
      .differences(name, value)
      .filter(
        (line) => !/(status|allowedOrigins|deleteRecordingAfterDays): (null is no|is no list)/.test(line),
      )
      .filter((line) => !/^\w+(\[\d+\])?\.(liveInputs\[\d+\]\.)?meta\b/.test(line)); // of type unknown

  test('for live inputs: created, read, updated, listed, rotated, live and after a broadcast', async () => {
    const full = {
      meta: { name: 'n', of: 'us' },
      enabled: true,
      preferLowLatency: true,
      deleteRecordingAfterDays: 45,
      recording: { mode: 'automatic', allowedOrigins: ['example.com'], timeoutSeconds: 10 },
    } satisfies NewInput;
    for (const body of [{}, recorded, full]) {
      const made = await create(body);
      expect(await get(made)).toEqual(made);
      const publisher = await onAir(made);
      const answers = [
        made,
        await get(made),
        await update(made, { meta: { name: 'm' } }),
        await rotate(made),
      ];
      publisher.end();
      answers.push(await get(made));
      for (const answer of answers) expect(differences('LiveInput', answer)).toEqual([]);
      // Fields that everything depends on, though the types make them optional.
      expect(made).toMatchObject({
        uid: expect.stringMatching(/^[0-9a-f]{32}$/),
        rtmps: { url: expect.stringMatching(/^rtmps:\/\/.*\/live\/$/), streamKey: expect.any(String) },
        playback: { hls: expect.stringContaining(`/${made.uid ?? ''}/manifest/video.m3u8`) },
        enabled: true,
        status: null,
      });
      expect(made).not.toHaveProperty('keysRotatedAt');
    }
    const list = await inputs().list({ ...account, include_counts: true });
    expect(list).toMatchObject({ range: 3, total: 3 });
    expect(differences('LiveInputListResponse', list)).toEqual([]);
    expect(JSON.stringify(list)).not.toContain('streamKey');
  });

  test('for videos, keys, tokens and storage', async () => {
    const input = await create({ ...recorded, deleteRecordingAfterDays: 30 });
    const publisher = await onAir(input);
    const live = await videosOf(input);
    publisher.end();
    await clock.advance(10_000);
    const ready = await videosOf(input);
    for (const video of [...live, ...ready, await cloudflare.stream.get(ready[0]?.uid ?? '', account)])
      expect(differences('Video', video)).toEqual([]);
    expect([live[0]?.status?.state, ready[0]?.status?.state]).toEqual(['live-inprogress', 'ready']);
    const key = await cloudflare.stream.keys.create(account);
    // The type has the same name as the class of the calls, whose methods no response has.
    const methods = /^Keys\.(create|delete|get|_client): is missing$/;
    expect(differences('Keys', key).filter((line) => !methods.test(line))).toEqual([]);
    expect(Object.keys(key).sort()).toEqual(['created', 'id', 'jwk', 'pem']);
    for (const one of (await cloudflare.stream.keys.get(account)).result)
      expect(differences('KeyGetResponse', one)).toEqual([]);
    const token = await cloudflare.stream.token.create(input.uid ?? '', account);
    expect(differences('TokenCreateResponse', token)).toEqual([]);
    const usage = await cloudflare.stream.videos.storageUsage(account);
    expect(differences('VideoStorageUsageResponse', usage)).toEqual([]);
    expect(usage.totalStorageMinutes).toBeCloseTo(0.1);
  });

  test('for the token itself and its accounts', async () => {
    expect(await cloudflare.user.tokens.verify()).toMatchObject({ status: 'active' });
    const { result } = await cloudflare.accounts.list();
    expect(result.map(({ id }) => id)).toEqual([account.account_id]);
  });

  test('the status alternates between two shapes', async () => {
    await clouds[Symbol.asyncDispose]();
    await begin();
    const input = await create();
    await onAir(input);
    const [one, other]: unknown[] = [(await get(input)).status, (await get(input)).status];
    const shapes = [
      z.object({ current: z.object({ state: z.literal('connected') }) }),
      z.literal('connected'),
    ];
    expect(shapes.map((shape) => [one, other].filter((status) => shape.safeParse(status).success))).toEqual([
      [expect.anything()],
      [expect.anything()],
    ]);
  });
});

describe('creating', () => {
  const keyed = (key: string): Promise<LiveInput> => create({ ...recorded, 'Idempotency-Key': key });

  test('with the same key returns the same input, and with another key another input', async () => {
    const [first, again, other] = [await keyed('a'), await keyed('a'), await keyed('b')];
    expect(again).toEqual(first);
    expect(other.uid).not.toBe(first.uid);
  });

  test('with the key of a deleted input is a conflict until the key expires after six hours', async () => {
    const { uid = '' } = await keyed('a');
    await inputs().delete(uid, account);
    expect(await errorOf(keyed('a'))).toBeInstanceOf(Cloudflare.ConflictError);
    await clock.advance(6 * 3_600_000 + 1);
    expect((await keyed('a')).uid).not.toBe(uid);
  });

  test.each([
    ['a key of more than 255 bytes', { 'Idempotency-Key': 'k'.repeat(256) }],
    ['recordings of less than 30 days', { deleteRecordingAfterDays: 29 }],
    ['recordings of more than 1,096 days', { deleteRecordingAfterDays: 1_097 }],
    ['an unknown mode', { recording: { mode: 'on' } }],
  ])('rejects %s as a bad request', async (_what, body) => {
    const error = await errorOf(create(body as NewInput)); // wrong on purpose
    expect(error).toBeInstanceOf(Cloudflare.BadRequestError);
    expect(cloud.streams()).toEqual([]);
  });

  test('is rejected when the storage is used up, and so is pushing', async () => {
    await clouds[Symbol.asyncDispose]();
    await begin({ storageMinutes: 1 });
    const input = await create();
    const publisher = publish(input);
    await clock.advance(61_000);
    publisher.end();
    await clock.advance(10_000);
    expect(await errorOf(create())).toMatchObject({
      errors: [{ message: expect.stringContaining('ERR_STORAGE_QUOTA_EXHAUSTED') }],
    });
    expect(() => publish(input)).toThrow();
    const [video] = await videosOf(input);
    await cloudflare.stream.delete(video?.uid ?? '', account);
    publish(input);
    await create();
  });
});

test('an update keeps omitted fields and replaces given objects', async () => {
  const input = await create({
    meta: { name: 'n', of: 'us' },
    recording: { mode: 'automatic', requireSignedURLs: true },
    deleteRecordingAfterDays: 30,
  });
  expect(await update(input, { meta: { name: 'm' } })).toMatchObject({
    meta: { name: 'm' },
    deleteRecordingAfterDays: 30,
    recording: { mode: 'automatic', requireSignedURLs: true },
  });
  expect((await get(input)).meta).toEqual({ name: 'm' });
  expect(await update(input, { recording: { mode: 'automatic' } })).toMatchObject({
    recording: { requireSignedURLs: false },
  });
});

describe('listing', () => {
  const names = async (query: object = {}): Promise<unknown[]> => {
    const { liveInputs = [] } = await inputs().list(account, { query });
    return liveInputs.map(({ meta }) => z.object({ name: z.string() }).parse(meta).name);
  };
  const three = async (): Promise<void> => {
    for (const name of ['a', 'b', 'c']) {
      await create({ meta: { name } });
      await clock.advance(60_000);
    }
  };

  test('sorts by age in both directions, and filters by a limit and a time', async () => {
    await three();
    expect(await names()).toEqual(['c', 'b', 'a']);
    expect(await names({ asc: true })).toEqual(['a', 'b', 'c']);
    expect(await names({ limit: 2 })).toEqual(['c', 'b']);
    expect(await names({ end: new Date(clock.now().getTime() - 90_000).toISOString() })).toEqual(['b', 'a']);
    expect(await names({ start: new Date(clock.now().getTime() - 90_000).toISOString() })).toEqual(['c']);
    expect(await errorOf(names({ limit: 1_001 }))).toBeInstanceOf(Cloudflare.BadRequestError);
  });

  test('is stale when configured, while single inputs are not', async () => {
    await three();
    const stale = clouds.faults.add({ kind: 'stale-list', ms: 90_000 });
    expect(await names()).toEqual(['b', 'a']);
    stale();
    expect(await names()).toEqual(['c', 'b', 'a']);
  });
});

describe('broadcasting', () => {
  test('has no HLS without a recording, which is the default', async () => {
    const input = await create({});
    expect(input.recording?.mode).toBe('off');
    await onAir(input);
    expect((await get(input)).status).toBe('connected');
    expect((await playlistOf(input)).status).toBe(404);
    expect(await deliveryInfo(input, 'lifecycle')).toEqual({ isInput: true, videoUID: null, live: false });
    expect(await videosOf(input)).toEqual([]);
  });

  test('is not started, live, ended and recorded, at the URL of the input and of the video', async () => {
    const input = await create();
    expect((await playlistOf(input)).status).toBe(204);
    expect(await deliveryInfo(input, 'lifecycle')).toEqual({ isInput: true, videoUID: null, live: false });
    const publisher = await onAir(input);
    const answer = await playlistOf(input);
    expect([answer.status, answer.headers.get('content-type')]).toEqual([
      200,
      'application/vnd.apple.mpegurl',
    ]);
    expect(await answer.text()).toContain('#EXTM3U');
    const [video] = await videosOf(input);
    expect(await deliveryInfo(input, 'lifecycle')).toEqual({
      isInput: true,
      videoUID: video?.uid,
      live: true,
    });
    expect((await fetch(video?.playback?.hls ?? '')).status).toBe(200);
    await fetch(`${input.playback?.hls ?? ''}?viewer=another`);
    expect(await deliveryInfo(input, 'views')).toEqual({ liveViewers: 2 });
    publisher.end();
    expect((await get(input)).status).toBe('client_disconnect');
    expect(await deliveryInfo(input, 'lifecycle')).toMatchObject({ live: false });
    await clock.advance(10_000);
    expect((await playlistOf(input)).status).toBe(204);
    expect(await videosOf(input)).toMatchObject([
      { uid: video?.uid, status: { state: 'ready' }, duration: 6 },
    ]);
  });

  test('continues the same video when the publisher returns or another one replaces it', async () => {
    const input = await create();
    const first = await onAir(input);
    first.end();
    await clock.advance(2_000);
    const second = await onAir(input);
    expect((await get(input)).status).toBe('reconnected');
    await onAir(input);
    await second.ended;
    await clock.advance(20_000);
    expect(await videosOf(input)).toMatchObject([{ status: { state: 'live-inprogress' } }]);
  });

  test('is ended by disabling the input, which then rejects publishers, and can start again', async () => {
    const input = await create();
    const publisher = await onAir(input);
    expect((await update(input, { enabled: false })).enabled).toBe(false);
    await publisher.ended;
    expect(() => publish(input)).toThrow();
    await update(input, { enabled: true });
    publish(input);
  });

  test('is ended by rotating the keys; the new ones are for the same URL', async () => {
    const input = await create();
    const publisher = await onAir(input);
    const rotated = await rotate(input);
    await publisher.ended;
    expect(rotated).toMatchObject({
      uid: input.uid,
      playback: input.playback,
      keysRotatedAt: expect.any(String),
    });
    expect(() => publish(input)).toThrow();
    publish(rotated);
  });

  test('is ended by deleting the input, and is kept as a recording with the requested lifetime', async () => {
    const input = await create({ ...recorded, deleteRecordingAfterDays: 30 });
    const publisher = await onAir(input);
    const [video] = await videosOf(input);
    expect(await errorOf(cloudflare.stream.delete(video?.uid ?? '', account))).toBeInstanceOf(
      Cloudflare.ConflictError,
    );
    await inputs().delete(input.uid ?? '', account);
    await publisher.ended;
    const end = clock.now();
    expect(() => publish(input)).toThrow();
    await clock.advance(10_000);
    const recording = await cloudflare.stream.get(video?.uid ?? '', account);
    const days = (Date.parse(recording.scheduledDeletion ?? '') - end.getTime()) / 86_400_000;
    expect(days).toBe(30);
    await cloudflare.stream.delete(recording.uid ?? '', account);
    expect(cloud.recordings()).toEqual([]);
  });
});

describe('signed playback', () => {
  let input: LiveInput;
  let id: string;
  let key: KeyObject;
  beforeEach(async () => {
    input = await create({ recording: { mode: 'automatic', requireSignedURLs: true } });
    await onAir(input);
    const made = await cloudflare.stream.keys.create(account);
    id = made.id ?? '';
    key = createPrivateKey(Buffer.from(made.pem ?? '', 'base64'));
  });

  const at = (seconds: number): number => Math.floor(clock.now().getTime() / 1_000) + seconds;
  const sign = (claims: JWTPayload, header = { alg: 'RS256', kid: id }, by: KeyObject | Uint8Array = key) =>
    new SignJWT(claims).setProtectedHeader(header).sign(by);
  const statusWith = async (token: string): Promise<number> =>
    (await fetch((input.playback?.hls ?? '').replace(input.uid ?? '', token))).status;

  test('requires a token, created by the account or with its own key, that has not expired', async () => {
    expect((await playlistOf(input)).status).toBe(401);
    const { token = '' } = await cloudflare.stream.token.create(input.uid ?? '', account);
    const own = await sign({ sub: input.uid ?? '', kid: id, exp: at(60) });
    expect([await statusWith(token), await statusWith(own)]).toEqual([200, 200]);
    await clock.advance(61_000);
    expect([await statusWith(token), await statusWith(own)]).toEqual([200, 401]);
  });

  test('is refused once the key is deleted', async () => {
    const own = await sign({ sub: input.uid ?? '', kid: id, exp: at(60) });
    await cloudflare.stream.keys.delete(id, account);
    expect(await statusWith(own)).toBe(401);
  });

  test.each([
    ['for another input', () => sign({ sub: 'f'.repeat(32), kid: id, exp: at(60) })],
    ['without an expiry', () => sign({ sub: input.uid ?? '', kid: id })],
    ['valid for more than a day', () => sign({ sub: input.uid ?? '', kid: id, exp: at(86_401) })],
    ['not yet valid', () => sign({ sub: input.uid ?? '', kid: id, exp: at(60), nbf: at(30) })],
    ['that names no key', () => sign({ sub: input.uid ?? '', exp: at(60) })],
    [
      'that names another key',
      () => sign({ sub: input.uid ?? '', kid: 'x', exp: at(60) }, { alg: 'RS256', kid: 'x' }),
    ],
    [
      'signed by another key',
      () =>
        sign(
          { sub: input.uid ?? '', kid: id, exp: at(60) },
          undefined,
          generateKeyPairSync('rsa', { modulusLength: 2_048 }).privateKey,
        ),
    ],
    [
      'signed with a secret instead of a key',
      () => sign({ sub: input.uid ?? '', kid: id, exp: at(60) }, { alg: 'HS256', kid: id }, randomBytes(32)),
    ],
    ['that is malformed', () => 'a.b.c'],
  ])('a token %s is refused', async (_what, token) => {
    expect(await statusWith(await token())).toBeGreaterThanOrEqual(400);
  });
});

describe('refusals are the SDK’s errors', () => {
  test.each([
    ['a malformed token', 'short', Cloudflare.BadRequestError, 6003],
    ['an unknown token', 'x'.repeat(40), Cloudflare.AuthenticationError, 10000],
  ])('%s', async (_what, token, type, code) => {
    const error = await errorOf(client(token).stream.liveInputs.list(account));
    expect(error).toBeInstanceOf(type);
    expect(error).toMatchObject({ errors: [{ code }] });
  });

  test('a read-only token', async () => {
    const reader = client(cloud.token('read'));
    await reader.stream.liveInputs.list(account);
    const error = await errorOf(reader.stream.liveInputs.create(account));
    expect(error).toBeInstanceOf(Cloudflare.PermissionDeniedError);
    expect(error).toMatchObject({ errors: [{ code: 10000 }] });
  });

  test('a foreign account, and a malformed one', async () => {
    const elsewhere = (account_id: string): Promise<unknown> => errorOf(inputs().list({ account_id }));
    expect(await elsewhere('a'.repeat(32))).toBeInstanceOf(Cloudflare.PermissionDeniedError);
    expect(await elsewhere('nonsense')).toMatchObject({
      status: 404,
      errors: [{ code: 7003 }, { code: 7000 }],
    });
  });

  test('missing resources', async () => {
    const uid = 'f'.repeat(32);
    for (const call of [
      () => inputs().get(uid, account),
      () => inputs().update(uid, account),
      () => inputs().delete(uid, account),
      () => rotate({ uid }),
      () => cloudflare.stream.get(uid, account),
      () => cloudflare.stream.keys.delete(uid, account),
    ])
      expect(await errorOf(call())).toBeInstanceOf(Cloudflare.NotFoundError);
  });

  test.each([
    ['throttled', Cloudflare.RateLimitError],
    ['server-error', Cloudflare.InternalServerError],
    ['unavailable', Cloudflare.InternalServerError],
    ['revoked', Cloudflare.AuthenticationError],
    ['no-permission', Cloudflare.PermissionDeniedError],
    ['quota-full', Cloudflare.BadRequestError],
  ] as const)('on demand: %s', async (kind, type) => {
    clouds.faults.add({ operation: 'liveInputs.list', kind, times: 1 });
    expect(await errorOf(inputs().list(account))).toBeInstanceOf(type);
    await inputs().list(account);
  });

  test('allows 1,200 calls in five minutes, and reports when to retry', async () => {
    await inputs().list(account);
    await clock.advance(100_000);
    for (let n = 0; n < 1_199; n++) await inputs().list(account);
    const error = await errorOf(inputs().list(account));
    expect(error).toBeInstanceOf(Cloudflare.RateLimitError);
    const { headers } = z.object({ headers: z.instanceof(Headers) }).parse(error);
    expect([headers.get('retry-after'), headers.get('x-ratelimit-remaining')]).toEqual(['200', '0']);
    await clock.advance(200_000);
    await inputs().list(account);
    expect(await errorOf(inputs().list(account))).toBeInstanceOf(Cloudflare.RateLimitError);
    await clock.advance(100_000);
    await inputs().list(account);
  });
});

test('its credentials are the values of a Secret: token, key and CA', async () => {
  const { signingKeyId, signingKeyPem = '', ...others } = cloud.credentials;
  expect(Object.keys(others).sort()).toEqual(['apiToken', 'ca.crt']);
  const keys = (await cloudflare.stream.keys.get(account)).result.map(({ id }) => id);
  expect(keys).toContain(signingKeyId);
  const pem = Buffer.from(signingKeyPem, 'base64').toString();
  expect(pem).toMatch(/^-----BEGIN RSA PRIVATE KEY-----/);
  const pkcs8 = createPrivateKey(pem).export({ type: 'pkcs8', format: 'pem' }).toString();
  await expect(importPKCS8(pkcs8, 'RS256')).resolves.toBeDefined();
});
