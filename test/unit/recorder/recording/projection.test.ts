import { beforeEach, expect, test } from '@jest/globals';
import type { LiveChannel } from '../../../../src/api/live-channel.ts';
import { FakeClock } from '../../../../src/base/testing/fake-clock.ts';
import { Projector, projectionOf } from '../../../../src/recorder/recording/projection.ts';
import type { ChannelProjection } from '../../../../src/store/store.ts';
import { aChannel } from '../../../support/channel/channel-examples.ts';
import { storeError } from '../examples.ts';

let clock: FakeClock;
let channels: LiveChannel[];
let said: { rows: readonly ChannelProjection[]; namespaces: readonly string[] | undefined }[];
let away: boolean;
let unreadable: boolean;
let projector: Projector;
beforeEach(async () => {
  clock = new FakeClock();
  said = [];
  away = false;
  unreadable = false;
  channels = [named('a'), named('b')];
  projector = new Projector({
    clock,
    store: {
      projectChannels: async (rows, namespaces) => {
        if (away) throw storeError('Unavailable');
        said.push({ rows, namespaces });
      },
    },
    channels: {
      get: ({ name }) => channels.find(({ metadata }) => metadata.name === name),
      list: () => channels,
    },
    namespaces: undefined,
    hasUnreadable: () => unreadable,
  });
});

const named = (name: string, status: LiveChannel['status'] = { relayStatus: 'starting' }): LiveChannel =>
  aChannel({ metadata: { name }, status });
function change(channel: LiveChannel): void {
  channels = channels.map((each) => (each.metadata.name === channel.metadata.name ? channel : each));
  projector.changed(channel);
}
const ids = (rows: readonly ChannelProjection[] = []): string[] => rows.map(({ channelId }) => channelId);

test('a row says what the resource says, under the app’s own id', () => {
  const channel = aChannel({
    metadata: { name: 'x-9lnm8rp1' },
    spec: { streamMode: 'auto' },
    status: {
      relayStatus: 'active',
      hlsPlaybackUrl: 'https://play.example/index.m3u8',
      relayStartedAt: '2026-03-01T12:00:00Z',
      streamingPlatform: 'ivs-eu',
      streamKeyId: 'key-1',
    },
  });
  expect(projectionOf(channel)).toMatchObject({
    namespace: 'shop',
    streamMode: 'auto',
    hlsPlaybackUrl: 'https://play.example/index.m3u8',
    relayStatus: 'active',
    relayStartedAt: new Date('2026-03-01T12:00:00Z'),
    streamingPlatform: 'ivs-eu',
    streamKeyId: 'key-1',
  });
});

test('at the start, and every ten minutes, everything is written anew and the rest forgotten', async () => {
  await projector.run();
  expect(said).toHaveLength(1);
  expect(ids(said[0]?.rows)).toEqual(['a', 'b']);
  expect(said[0]?.namespaces).toBeUndefined();
  await clock.advance(599_000);
  await projector.run();
  expect(said).toHaveLength(1);
  await clock.advance(1_000);
  await projector.run();
  expect(ids(said[1]?.rows)).toEqual(['a', 'b']);
});

test('changes are written together, once, and only where a row is another', async () => {
  await projector.run();
  change(named('a', { relayStatus: 'active' }));
  change(named('a', { relayStatus: 'active', health: 'fair' }));
  change(named('b')); // only something else of it changed
  await projector.run();
  await projector.run();
  expect(said.slice(1)).toHaveLength(1);
  expect(said[1]?.rows).toMatchObject([{ channelId: 'a', relayStatus: 'active' }]);
  expect(said[1]?.namespaces).toEqual([]);
});

test('a channel that goes is forgotten, with the rest of its namespace said', async () => {
  await projector.run();
  const [gone, ...rest] = channels;
  channels = rest;
  if (gone !== undefined) projector.deleted(gone);
  await projector.run();
  expect(said[1]?.namespaces).toEqual(['shop']);
  expect(ids(said[1]?.rows)).toEqual(['b']);
});

test('none is forgotten while there are channels that cannot be read', async () => {
  unreadable = true;
  await projector.run();
  expect(said[0]?.namespaces).toEqual([]);
});

test('what changed while the database was away is written when it is back', async () => {
  await projector.run();
  away = true;
  change(named('a', { relayStatus: 'error' }));
  const [, b] = channels;
  if (b !== undefined) projector.deleted(b);
  channels = channels.slice(0, 1);
  await expect(projector.run()).rejects.toThrow();
  await expect(projector.run()).rejects.toThrow();
  away = false;
  await projector.run();
  expect(said.at(-1)).toMatchObject({
    namespaces: ['shop'],
    rows: [{ channelId: 'a', relayStatus: 'error' }],
  });
});
