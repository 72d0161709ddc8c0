import { describe, expect, test } from '@jest/globals';
import {
  byAge,
  ingestUrlOf,
  ivsTags,
  observedStream,
  provisionedStream,
  streamAnalytics,
} from '../../../../src/platforms/ivs/ivs-streams.ts';

const arn = 'arn:aws:ivs:eu-central-1:123456789012:channel/abcdABCDefgh';
const owner = { clusterId: 'c', platform: 'ivs', channelUid: 'u', channel: 'shop/auction' };
const createdAt = new Date('2026-11-22T20:00:00Z');
const channel = { arn, name: 'lc-1', tags: ivsTags(owner, createdAt) };
const stream = { channelArn: arn, state: 'LIVE', health: 'HEALTHY', viewerCount: 7, startTime: createdAt };

test('a channel and its key are a stream, whose text does not contain the key', () => {
  const provisioned = provisionedStream(
    { ...channel, ingestEndpoint: 'a1b2.global-contribute.live-video.net', playbackUrl: 'https://p/x.m3u8' },
    { arn: 'arn:aws:ivs:eu-central-1:123456789012:stream-key/g1H2', value: 'sk_eu-central-1_secret' },
    undefined,
  );
  expect(provisioned).toEqual({
    id: arn,
    ingestUrl: 'rtmps://a1b2.global-contribute.live-video.net:443/app/',
    streamKey: expect.anything(),
    streamKeyId: 'g1H2',
    playbackUrl: 'https://p/x.m3u8',
  });
  expect(provisioned.streamKey.reveal()).toBe('sk_eu-central-1_secret');
});

test.each([
  ['a.live-video.net', 'rtmps://a.live-video.net:443/app/'],
  ['127.0.0.1:4101', 'rtmps://127.0.0.1:4101/app/'],
])('the ingest URL of %s is at %s', (endpoint, url) => {
  expect(ingestUrlOf(endpoint)).toBe(url);
});

describe('the observed stream', () => {
  const known = { id: arn, name: 'lc-1', owner, createdAt, ingestBitrateKbps: undefined };
  const quiet = { liveSince: undefined, viewers: undefined };

  test.each([
    ['on air', stream, { live: true, liveSince: createdAt, viewers: 7 }],
    ['off air', null, { live: false, ...quiet }],
    ['off air, in another form', { ...stream, state: 'OFFLINE' }, { live: false, ...quiet }],
    ['not requested', undefined, { live: undefined, ...quiet }],
    [
      'viewers not counted in time',
      { ...stream, viewerCount: -1 },
      { live: true, liveSince: createdAt, viewers: undefined },
    ],
    ['no viewers', { ...stream, viewerCount: 0 }, { live: true, liveSince: createdAt, viewers: 0 }],
    [
      'too young for a viewer count',
      { ...stream, viewerCount: undefined },
      { live: true, liveSince: createdAt, viewers: undefined },
    ],
  ])('%s', (_what, live, expected) => {
    expect(observedStream(channel, live)).toEqual({ ...known, ...expected });
  });

  test.each([
    ['no tags', {}],
    ['an invalid time', { 'livechannel.dev/created-at': 'yesterday' }],
  ])('of a channel with %s has no defaults', (_what, tags) => {
    expect(observedStream({ ...channel, tags }, null)).toMatchObject({
      owner: undefined,
      createdAt: undefined,
    });
  });
});

test('a viewer count that took too long is unknown, not -1', () => {
  expect(streamAnalytics({ channelArn: arn, viewerCount: -1 }).viewers).toBeUndefined();
});

test('the order is stable: oldest first, those of unknown age last', () => {
  const at = (id: string, time: string | undefined) =>
    observedStream(
      { arn: id, name: 'x', tags: time === undefined ? {} : { 'livechannel.dev/created-at': time } },
      null,
    );
  const all = [
    at('d', undefined),
    at('c', '2026-01-02'),
    at('b', '2026-01-01'),
    at('a', '2026-01-02'),
    at('0', undefined),
  ];
  expect(all.sort(byAge).map(({ id }) => id)).toEqual(['b', 'a', 'c', '0', 'd']);
});
