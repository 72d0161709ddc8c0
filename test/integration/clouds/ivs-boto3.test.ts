import { generateKeyPairSync } from 'node:crypto';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { SignJWT } from 'jose';
import { request } from 'undici';
import { z } from 'zod';
import { FakeClock } from '../../../src/base/testing/fake-clock.ts';
import type { PaperMedia, PaperPublisher } from '../../fixtures/clouds/paper-media.ts';
import { startClouds, type Clouds } from '../../fixtures/clouds/start-clouds.ts';
import { Boto3, pythonWithBoto3, type Boto3Call, type Outcome } from './boto3.ts';

/** The IVS fixture, driven by an independent client, with a clock that the test advances. */
const region = 'eu-central-1';
const absent = `arn:aws:ivs:${region}:123456789012:channel/absent`;
const channelSchema = z.object({
  channel: z.object({ arn: z.string(), playbackUrl: z.string(), ingestEndpoint: z.string() }),
  streamKey: z.object({ arn: z.string(), value: z.string() }),
});
type Made = z.infer<typeof channelSchema>;

let python: string;
let clock: FakeClock;
let clouds: Clouds<PaperMedia>;
let boto3: Boto3;

/** A call that is never throttled: a second has passed. */
async function call(operation: string, parameters: object = {}, options: Boto3Call = {}): Promise<Outcome> {
  await clock.advance(1_000);
  return boto3.call(operation, parameters, options);
}

/** Likewise, and the call must succeed with a response that matches the service model. */
async function answer(operation: string, parameters: object = {}): Promise<Record<string, unknown>> {
  const outcome = await call(operation, parameters);
  if (!('answer' in outcome)) throw new Error(`${operation} failed: ${JSON.stringify(outcome)}`);
  expect(outcome.problems).toEqual([]);
  return outcome.answer;
}

async function create(parameters: object = {}): Promise<Made> {
  return channelSchema.parse(await answer('CreateChannel', parameters));
}

function publish({ streamKey }: Made, query = {}): PaperPublisher {
  return clouds.media.publish({ app: 'app', key: streamKey.value, query });
}

const fetchStatus = async (url: string): Promise<number> => (await request(url)).statusCode;

beforeAll(async () => {
  python = await pythonWithBoto3();
}, 300_000);
beforeEach(async () => {
  clock = new FakeClock();
  clouds = await startClouds({ clouds: ['ivs'], media: 'paper', clock, maxStreams: { ivs: 230 } });
  const { accessKeyId = '', secretAccessKey = '' } = clouds.cloud('ivs').credentials;
  boto3 = new Boto3(python, { endpoint: `${clouds.baseUrl}/ivs`, region, accessKeyId, secretAccessKey });
});
afterEach(async () => {
  await boto3[Symbol.asyncDispose]();
  await clouds[Symbol.asyncDispose]();
});

describe('channels', () => {
  test("are created with their own key, with the given values or IVS's defaults", async () => {
    const plain = await create();
    expect(plain.channel).toMatchObject({
      arn: expect.stringMatching(/^arn:aws:ivs:eu-central-1:\d{12}:channel\/\w{12}$/),
    });
    const asked = {
      name: 'shop_1-a',
      type: 'BASIC',
      latencyMode: 'NORMAL',
      authorized: true,
      tags: { team: 'live' },
    };
    expect((await answer('CreateChannel', asked))['channel']).toMatchObject({ ...asked, preset: '' });
    expect(await answer('GetChannel', { arn: plain.channel.arn })).toMatchObject({
      channel: {
        name: '',
        type: 'STANDARD',
        latencyMode: 'LOW',
        authorized: false,
        recordingConfigurationArn: '',
      },
    });
    expect(plain.channel.playbackUrl).toMatch(
      /\/api\/video\/v1\/eu-central-1\.\d{12}\.channel\.\w{12}\.m3u8$/,
    );
  });

  test('may have the same name: nothing marks a repeated call', async () => {
    const first = await create({ name: 'same' });
    const second = await create({ name: 'same' });
    expect(await answer('ListChannels', { filterByName: 'same' })).toMatchObject({
      channels: [{ arn: first.channel.arn }, { arn: second.channel.arn }],
    });
  });

  test.each([
    [{ name: 'not a name' }],
    [{ name: 'x'.repeat(129) }],
    [{ type: 'PREMIUM' }],
    [{ latencyMode: 'ULTRA' }],
    [{ authorized: 'yes' }],
    [{ tags: { 'aws:mine': 'x' } }],
    [{ type: 'BASIC', preset: 'HIGHER_BANDWIDTH_DELIVERY' }],
    [{ recordingConfigurationArn: 'arn:aws:s3:::bucket' }],
  ])('%j is not valid', async (parameters) => {
    expect(await call('CreateChannel', parameters, { checked: false })).toMatchObject({
      refused: 'ValidationException',
      class: 'ValidationException',
      status: 400,
    });
    expect(clouds.cloud('ivs').streams()).toEqual([]);
  });

  test('are read in batches of fifty, with errors for missing ones', async () => {
    const { channel } = await create();
    expect(await answer('BatchGetChannel', { arns: [channel.arn, absent] })).toMatchObject({
      channels: [{ arn: channel.arn }],
      errors: [{ arn: absent }],
    });
    const tooMany = { arns: Array.from({ length: 51 }, () => channel.arn) };
    expect(await call('BatchGetChannel', tooMany, { checked: false })).toMatchObject({ status: 400 });
  });

  test('are listed in pages of a hundred, which boto3 follows', async () => {
    const made: string[] = [];
    for (let index = 0; index < 230; index++) made.push((await create()).channel.arn);
    const paged = await boto3.call('ListChannels', {}, { paginate: true });
    const { pages } = z
      .object({ pages: z.array(z.object({ channels: z.array(z.object({ arn: z.string() })) })) })
      .parse('answer' in paged ? paged.answer : {});
    expect(pages.map(({ channels }) => channels.length)).toEqual([100, 100, 30]);
    expect(pages.flatMap(({ channels }) => channels.map(({ arn }) => arn))).toEqual(made);
    for (const maxResults of [0, 101])
      expect(await call('ListChannels', { maxResults }, { checked: false })).toMatchObject({ status: 400 });
    expect(await call('CreateChannel')).toMatchObject({
      refused: 'ServiceQuotaExceededException',
      class: 'ServiceQuotaExceededException',
      status: 402,
    });
  }, 120_000);

  test('are listed with one filter, never with two', async () => {
    const both = { filterByName: 'a', filterByRecordingConfigurationArn: '' };
    expect(await call('ListChannels', both)).toMatchObject({ refused: 'ConflictException', status: 409 });
  });

  test('appear in a stale list after a delay, and can be read earlier', async () => {
    clouds.faults.add({ kind: 'stale-list', ms: 5_000 });
    const { channel } = await create({ name: 'late' });
    expect(await answer('ListChannels')).toEqual({ channels: [] });
    await answer('GetChannel', { arn: channel.arn });
    await clock.advance(5_000);
    expect(await answer('ListChannels')).toMatchObject({ channels: [{ name: 'late' }] });
  });

  test('can be neither updated nor deleted while live', async () => {
    const made = await create({ name: 'live' });
    const { arn } = made.channel;
    const publisher = publish(made);
    const conflict = { refused: 'ConflictException', class: 'ConflictException', status: 409 };
    expect(await call('UpdateChannel', { arn, name: 'other' })).toMatchObject(conflict);
    expect(await call('DeleteChannel', { arn })).toMatchObject(conflict);
    expect(await answer('StopStream', { channelArn: arn })).toEqual({});
    await publisher.ended;
    expect(await answer('UpdateChannel', { arn, name: 'other', latencyMode: 'NORMAL' })).toMatchObject({
      channel: { arn, name: 'other', latencyMode: 'NORMAL', type: 'STANDARD' },
    });
    expect(await call('DeleteChannel', { arn })).toMatchObject({ status: 204 });
    for (const operation of ['GetChannel', 'DeleteChannel'])
      expect(await call(operation, { arn })).toMatchObject({
        refused: 'ResourceNotFoundException',
        status: 404,
      });
    expect(await call('GetStreamKey', { arn: made.streamKey.arn })).toMatchObject({ status: 404 });
  });
});

describe('stream keys', () => {
  test('exist once per channel: the first must be deleted before another is created', async () => {
    const { channel, streamKey } = await create();
    const channelArn = channel.arn;
    expect(await call('CreateStreamKey', { channelArn })).toMatchObject({
      refused: 'ServiceQuotaExceededException',
      status: 402,
    });
    expect(await answer('ListStreamKeys', { channelArn })).toEqual({
      streamKeys: [{ arn: streamKey.arn, channelArn, tags: {} }],
    });
    expect(await answer('GetStreamKey', { arn: streamKey.arn })).toMatchObject({ streamKey });
    expect(await call('DeleteStreamKey', { arn: streamKey.arn })).toMatchObject({ status: 204 });
    expect(await answer('ListStreamKeys', { channelArn })).toEqual({ streamKeys: [] });
    const { streamKey: next } = z
      .object({ streamKey: z.object({ arn: z.string(), value: z.string() }) })
      .parse(await answer('CreateStreamKey', { channelArn, tags: { team: 'live' } }));
    expect(next.value).not.toBe(streamKey.value);
    expect(await answer('BatchGetStreamKey', { arns: [next.arn, streamKey.arn] })).toMatchObject({
      streamKeys: [next],
      errors: [{ arn: streamKey.arn }],
    });
    expect(() => publish({ channel, streamKey })).toThrow('has no such stream key');
    publish({ channel, streamKey: next });
  });

  test('do not disconnect a publisher when they are deleted', async () => {
    const made = await create();
    publish(made);
    await call('DeleteStreamKey', { arn: made.streamKey.arn });
    expect(await answer('GetStream', { channelArn: made.channel.arn })).toMatchObject({
      stream: { state: 'LIVE' },
    });
  });
});

describe('streams', () => {
  test('that are not live have a different error than missing channels', async () => {
    const { channel } = await create();
    for (const operation of ['GetStream', 'StopStream']) {
      expect(await call(operation, { channelArn: channel.arn })).toMatchObject({
        refused: 'ChannelNotBroadcasting',
        class: 'ChannelNotBroadcasting',
        status: 404,
      });
      expect(await call(operation, { channelArn: absent })).toMatchObject({
        refused: 'ResourceNotFoundException',
        status: 404,
      });
    }
    expect(await answer('ListStreams')).toEqual({ streams: [] });
  });

  test('report viewers fifteen seconds after their start, and -1 when counting times out', async () => {
    const made = await create();
    const channelArn = made.channel.arn;
    publish(made);
    const { stream } = z
      .object({ stream: z.object({ streamId: z.string() }).loose() })
      .parse(await answer('GetStream', { channelArn }));
    expect(stream).toMatchObject({ state: 'LIVE', health: 'UNKNOWN', playbackUrl: made.channel.playbackUrl });
    expect(stream).not.toHaveProperty('viewerCount');
    await clock.advance(15_000);
    expect(await fetchStatus(made.channel.playbackUrl)).toBe(200);
    expect(await answer('GetStream', { channelArn })).toMatchObject({
      stream: { health: 'HEALTHY', viewerCount: 1, streamId: stream.streamId },
    });
    await answer('TagResource', { resourceArn: channelArn, tags: { 'fixture.viewer-count': '-1' } });
    expect(await answer('ListStreams')).toMatchObject({ streams: [{ channelArn, viewerCount: -1 }] });
    expect(await answer('GetStreamSession', { channelArn })).toMatchObject({
      streamSession: { streamId: stream.streamId, channel: { arn: channelArn } },
    });
  });

  test('are listed by health', async () => {
    const [good, poor] = [await create(), await create()];
    publish(good);
    clouds.media.publish({ app: 'app', key: poor.streamKey.value, bitrateKbps: 0 });
    await clock.advance(3_000);
    expect(await answer('ListStreams', { filterBy: { health: 'STARVING' } })).toMatchObject({
      streams: [{ channelArn: poor.channel.arn, health: 'STARVING' }],
    });
    expect(await answer('ListStreams', { filterBy: { health: 'HEALTHY' } })).toMatchObject({
      streams: [{ channelArn: good.channel.arn }],
    });
  });

  test('end after thirty seconds without data', async () => {
    const made = await create();
    const publisher = clouds.media.publish({ app: 'app', key: made.streamKey.value, bitrateKbps: 0 });
    await clock.advance(20_000);
    await answer('GetStream', { channelArn: made.channel.arn });
    await clock.advance(20_000);
    await publisher.ended;
    expect(await call('GetStream', { channelArn: made.channel.arn })).toMatchObject({ status: 404 });
  });

  test('can be restarted after StopStream by an encoder that reconnects', async () => {
    const made = await create();
    const publisher = publish(made);
    await answer('StopStream', { channelArn: made.channel.arn });
    await publisher.ended;
    publish(made);
    await answer('GetStream', { channelArn: made.channel.arn });
  });

  test('are taken only by a publisher of a higher priority, and continue as the same stream', async () => {
    const made = await create();
    const first = publish(made, { priority: '5' });
    const before = await answer('GetStream', { channelArn: made.channel.arn });
    for (const query of [{}, { priority: '5' }, { priority: 'x' }, { priority: '2147483648' }])
      expect(() => publish(made, query)).toThrow('rejects this publisher');
    publish(made, { priority: '6' });
    await first.ended;
    const { stream } = z.object({ stream: z.object({ streamId: z.string() }) }).parse(before);
    expect(await answer('GetStream', { channelArn: made.channel.arn })).toMatchObject({
      stream: { streamId: stream.streamId },
    });
  });
});

describe('a session with a broken connection', () => {
  let made: Made;
  beforeEach(async () => {
    made = await create({ tags: { 'fixture.unclean-drops': 'true' } });
    publish(made).end();
  });
  const live = (): Promise<Outcome> => call('GetStream', { channelArn: made.channel.arn });

  test('is held for thirty seconds and rejects publishers', async () => {
    expect(() => publish(made)).toThrow('rejects this publisher');
    expect(await live()).toMatchObject({ status: 200 });
    expect(await call('DeleteChannel', { arn: made.channel.arn })).toMatchObject({ status: 409 });
    await clock.advance(30_000);
    expect(await live()).toMatchObject({ refused: 'ChannelNotBroadcasting' });
    publish(made);
    expect(await live()).toMatchObject({ status: 200 });
  });

  test('is taken by a publisher with a priority, which stays', async () => {
    publish(made, { priority: '1' });
    await clock.advance(40_000);
    expect(await live()).toMatchObject({ answer: { stream: { health: 'HEALTHY' } } });
  });

  test('ends when it is stopped', async () => {
    await answer('StopStream', { channelArn: made.channel.arn });
    publish(made);
  });
});

describe('tags', () => {
  test('are added, listed and removed', async () => {
    const { channel } = await create({ tags: { a: '1' } });
    const resourceArn = channel.arn;
    expect(await answer('TagResource', { resourceArn, tags: { b: '2', 'c/d:e': 'x y' } })).toEqual({});
    expect(await answer('UntagResource', { resourceArn, tagKeys: ['a', 'absent'] })).toEqual({});
    const tags = { b: '2', 'c/d:e': 'x y' };
    expect(await answer('ListTagsForResource', { resourceArn })).toEqual({ tags });
    expect(await answer('ListChannels')).toMatchObject({ channels: [{ tags }] });
    expect(await call('ListTagsForResource', { resourceArn: absent })).toMatchObject({ status: 404 });
  });
});

describe('private channels', () => {
  const pair = generateKeyPairSync('ec', { namedCurve: 'secp384r1' });
  const pem = pair.publicKey.export({ type: 'spki', format: 'pem' }).toString();
  const token = (claims: Record<string, unknown>, livesMs: number): Promise<string> =>
    new SignJWT(claims)
      .setProtectedHeader({ alg: 'ES384', typ: 'JWT' })
      .setExpirationTime(Math.floor((clock.now().getTime() + livesMs) / 1_000))
      .sign(pair.privateKey);

  test('can be played with a token that is signed with an imported key', async () => {
    const made = await create({ authorized: true });
    publish(made);
    await clock.advance(10_000);
    const url = made.channel.playbackUrl;
    const claims = { 'aws:channel-arn': made.channel.arn };
    expect(await fetchStatus(url)).toBe(403);
    expect(await fetchStatus(`${url}?token=${await token(claims, 60_000)}`)).toBe(403);
    const { keyPair } = z
      .object({ keyPair: z.object({ arn: z.string(), fingerprint: z.string() }) })
      .parse(
        await answer('ImportPlaybackKeyPair', { publicKeyMaterial: pem, name: 'mine', tags: { a: 'b' } }),
      );
    expect(await fetchStatus(`${url}?token=${await token(claims, 60_000)}`)).toBe(200);
    const playlist = await (await request(`${url}?token=${await token(claims, 60_000)}`)).body.text();
    const variant = playlist.split('\n').find((line) => line !== '' && !line.startsWith('#')) ?? '';
    expect(await (await request(new URL(variant, url))).body.text()).toContain('#EXTINF');
    for (const refused of [
      await token({ 'aws:channel-arn': absent }, 60_000),
      await token(claims, -1_000),
      await token({ ...claims, 'aws:viewer-id': 'v' }, 700_000),
    ])
      expect(await fetchStatus(`${url}?token=${refused}`)).toBe(403);
    expect(await answer('GetPlaybackKeyPair', { arn: keyPair.arn })).toEqual({
      keyPair: { ...keyPair, name: 'mine', tags: { a: 'b' } },
    });
    expect(await answer('ListPlaybackKeyPairs')).toMatchObject({ keyPairs: [{ arn: keyPair.arn }] });
    expect(await answer('DeletePlaybackKeyPair', { arn: keyPair.arn })).toEqual({});
    expect(await fetchStatus(`${url}?token=${await token(claims, 60_000)}`)).toBe(403);
  });

  test('accept up to three different keys on P-384', async () => {
    const wrong = generateKeyPairSync('ec', { namedCurve: 'prime256v1' }).publicKey;
    const material = wrong.export({ type: 'spki', format: 'pem' }).toString();
    expect(await call('ImportPlaybackKeyPair', { publicKeyMaterial: material })).toMatchObject({
      refused: 'ValidationException',
    });
    await answer('ImportPlaybackKeyPair', { publicKeyMaterial: pem });
    expect(await call('ImportPlaybackKeyPair', { publicKeyMaterial: pem })).toMatchObject({
      refused: 'ConflictException',
    });
    for (const expected of [{ status: 200 }, { status: 200 }, { refused: 'ServiceQuotaExceededException' }]) {
      const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'secp384r1' });
      const publicKeyMaterial = publicKey.export({ type: 'spki', format: 'pem' }).toString();
      expect(await call('ImportPlaybackKeyPair', { publicKeyMaterial })).toMatchObject(expected);
    }
  });
});

test('a recording configuration is CREATING, then ACTIVE, and cannot be deleted while a channel uses it', async () => {
  const destinationConfiguration = { s3: { bucketName: 'my-recordings' } };
  const { recordingConfiguration } = z
    .object({ recordingConfiguration: z.object({ arn: z.string(), state: z.string() }) })
    .parse(await answer('CreateRecordingConfiguration', { destinationConfiguration }));
  expect(recordingConfiguration.state).toBe('CREATING');
  const { arn } = recordingConfiguration;
  await clock.advance(5_000);
  expect(await answer('GetRecordingConfiguration', { arn })).toMatchObject({
    recordingConfiguration: { state: 'ACTIVE', destinationConfiguration },
  });
  const { channel } = await create({ recordingConfigurationArn: arn });
  expect(await answer('ListChannels', { filterByRecordingConfigurationArn: arn })).toMatchObject({
    channels: [{ arn: channel.arn }],
  });
  expect(await answer('ListRecordingConfigurations')).toMatchObject({
    recordingConfigurations: [{ name: 'fixture' }, { arn }],
  });
  expect(await call('DeleteRecordingConfiguration', { arn })).toMatchObject({ refused: 'ConflictException' });
  await answer('UpdateChannel', { arn: channel.arn, recordingConfigurationArn: '' });
  expect(await call('DeleteRecordingConfiguration', { arn })).toMatchObject({ status: 204 });
  expect(await call('CreateChannel', { recordingConfigurationArn: arn })).toMatchObject({
    refused: 'ResourceNotFoundException',
  });
});

describe('callers', () => {
  const other = 'fixture/of/another/identity/with/40/chars';
  test.each([
    ['an unknown key', { accessKeyId: 'AKIAUNKNOWN77EXAMPLE' }, 'UnrecognizedClientException', /token/],
    ['a wrong secret', { secretAccessKey: 'x'.repeat(40) }, 'InvalidSignatureException', /does not match/],
    ['another region', { region: 'us-east-1' }, 'InvalidSignatureException', /valid region, not 'us-east-1'/],
    [
      'expired keys',
      { accessKeyId: 'ASIAEXPIRED77EXAMPLE', secretAccessKey: other },
      'ExpiredTokenException',
      /expired/,
    ],
    [
      'a caller without permission',
      { accessKeyId: 'AKIANOTHING77EXAMPLE', secretAccessKey: other },
      'AccessDeniedException',
      /not authorized to perform: ivs:ListChannels/,
    ],
  ])('%s gets its own error', async (_who, as, refused, message) => {
    expect(await call('ListChannels', {}, as)).toMatchObject({
      refused,
      status: 403,
      message: expect.stringMatching(message),
    });
  });

  test('may read without the permission to write, and an account may be pending verification', async () => {
    const reader = { accessKeyId: 'AKIAREADONLY7EXAMPLE', secretAccessKey: other };
    expect(await call('ListChannels', {}, reader)).toMatchObject({ status: 200 });
    expect(await call('CreateChannel', {}, reader)).toMatchObject({ class: 'AccessDeniedException' });
    const pending = { accessKeyId: 'AKIAPENDING77EXAMPLE', secretAccessKey: other };
    expect(await call('CreateChannel', {}, pending)).toMatchObject({
      refused: 'PendingVerification',
      class: 'PendingVerification',
      status: 403,
    });
  });
});

describe('limits', () => {
  test('allow five calls per second for each operation, in a burst or one after the other', async () => {
    const statuses: number[] = [];
    for (let index = 0; index < 7; index++) statuses.push((await boto3.call('ListChannels')).status);
    expect(statuses).toEqual([200, 200, 200, 200, 200, 429, 429]);
    expect(await boto3.call('ListStreams')).toMatchObject({ status: 200 });
    expect(await boto3.call('ListChannels')).toMatchObject({ refused: 'ThrottlingException', status: 429 });
    await clock.advance(400);
    const later: number[] = [];
    for (let index = 0; index < 3; index++) later.push((await boto3.call('ListChannels')).status);
    expect(later).toEqual([200, 200, 429]);
  });

  test.each([
    ['throttled', 'ThrottlingException', 429],
    ['server-error', 'InternalServerException', 500],
    ['unavailable', 'ServiceUnavailable', 503],
    ['revoked', 'UnrecognizedClientException', 403],
    ['no-permission', 'AccessDeniedException', 403],
    ['quota-full', 'ServiceQuotaExceededException', 402],
  ] as const)('%s on demand is %s', async (kind, refused, status) => {
    clouds.faults.add({ kind, cloud: 'ivs', operation: 'CreateChannel', times: 1 });
    expect(await call('CreateChannel')).toMatchObject({ refused, status });
    expect(await call('CreateChannel')).toMatchObject({ status: 200 });
  });
});
