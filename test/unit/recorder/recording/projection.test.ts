import { beforeEach, expect, test } from '@jest/globals';
import type { LiveChannel } from '../../../../src/api/live-channel.ts';
import { FakeClock } from '../../../../src/base/testing/fake-clock.ts';
import { Projector, projectionOf } from '../../../../src/recorder/recording/projection.ts';
import type { ChannelKey, ChannelProjection, UnwrittenChannels } from '../../../../src/store/store.ts';
import { aChannel } from '../../../support/channel/channel-examples.ts';
import { storeError } from '../examples.ts';

let clock: FakeClock;
let channels: LiveChannel[];
let writes: {
  rows: readonly ChannelProjection[];
  namespaces: readonly string[] | undefined;
  kept: readonly ChannelKey[] | undefined;
}[];
let away: boolean;
let unreadable: string[];
let duringWrite: (() => void) | undefined;
let projector: Projector;
beforeEach(async () => {
  clock = new FakeClock();
  writes = [];
  away = false;
  unreadable = [];
  duringWrite = undefined;
  channels = [named('a'), named('b')];
  projector = new Projector({
    clock,
    store: {
      projectChannels: async (rows, namespaces, kept) => {
        if (away) throw storeError('Unavailable');
        writes.push({ rows, namespaces, kept });
        duringWrite?.();
        return nothing;
      },
    },
    channels: {
      get: ({ name }) => channels.find(({ metadata }) => metadata.name === name),
      list: () => channels,
    },
    namespaces: undefined,
    unreadable: () => unreadable.map((name) => aChannel({ metadata: { name } }).metadata),
    onUnwritten: () => undefined,
  });
});

const nothing: UnwrittenChannels = { refused: [], tooLong: new Map() };
const named = (name: string, status: LiveChannel['status'] = { relayStatus: 'starting' }): LiveChannel =>
  aChannel({ metadata: { name }, status });
function change(channel: LiveChannel): void {
  channels = channels.map((each) => (each.metadata.name === channel.metadata.name ? channel : each));
  projector.changed(channel);
}
const ids = (rows: readonly ChannelProjection[] = []): string[] => rows.map(({ channelId }) => channelId);

test('a row has the fields of the resource, with the app’s own id', () => {
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
    effectiveStreamMode: 'hybrid',
    hlsPlaybackUrl: 'https://play.example/index.m3u8',
    relayStatus: 'active',
    relayStartedAt: new Date('2026-03-01T12:00:00Z'),
    streamingPlatform: 'ivs-eu',
    streamKeyId: 'key-1',
  });
});

test('at the start, and every ten minutes, all rows are written and others deleted', async () => {
  await projector.run();
  expect(writes).toHaveLength(1);
  expect(ids(writes[0]?.rows)).toEqual(['a', 'b']);
  expect(writes[0]?.namespaces).toBeUndefined();
  await clock.advance(599_000);
  await projector.run();
  expect(writes).toHaveLength(1);
  await clock.advance(1_000);
  await projector.run();
  expect(ids(writes[1]?.rows)).toEqual(['a', 'b']);
});

test('changes are written together, once, and only for rows that differ', async () => {
  await projector.run();
  change(named('a', { relayStatus: 'active' }));
  change(named('a', { relayStatus: 'active', health: 'fair' }));
  change(named('b')); // Only other fields of it have changed.
  await projector.run();
  await projector.run();
  expect(writes.slice(1)).toHaveLength(1);
  expect(writes[1]?.rows).toMatchObject([{ channelId: 'a', relayStatus: 'active' }]);
  expect(writes[1]?.namespaces).toEqual([]);
});

test('a deleted channel is removed by writing the remaining rows of its namespace', async () => {
  await projector.run();
  const [gone, ...rest] = channels;
  channels = rest;
  if (gone !== undefined) projector.deleted(gone);
  await projector.run();
  expect(writes[1]?.namespaces).toEqual(['shop']);
  expect(ids(writes[1]?.rows)).toEqual(['b']);
});

test('the row of a channel that cannot be decoded is kept, and others are forgotten all the same', async () => {
  unreadable = ['invalid'];
  await projector.run();
  const kept = [{ namespace: aChannel().metadata.namespace, channelId: 'invalid' }];
  expect(writes).toMatchObject([{ namespaces: undefined, kept }]);
  const [a] = channels;
  channels = channels.slice(1);
  if (a !== undefined) projector.deleted(a);
  await clock.advance(1_000);
  await projector.run();
  expect(writes.at(1)).toMatchObject({ namespaces: [a?.metadata.namespace], kept });
});

test('more channels than are written at once take turns, however often they change', async () => {
  channels = Array.from({ length: 2_001 }, (_, at) => named(`busy-${String(at)}`));
  await projector.run();
  for (const channel of [...channels]) change({ ...channel, status: { relayStatus: 'error' } });
  const seen = new Set<string>();
  duringWrite = () => {
    for (const id of ids(writes.at(-1)?.rows)) {
      seen.add(id);
      change(
        named(id, { relayStatus: 'error', hlsPlaybackUrl: `https://play.example/${String(writes.length)}` }),
      );
    }
  };
  for (let run = 0; run < 3; run += 1) await projector.run();
  expect(seen.size).toBe(2_001);
});

test('changes during an outage of the database are written afterwards', async () => {
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
  expect(writes.at(-1)).toMatchObject({
    namespaces: ['shop'],
    rows: [{ channelId: 'a', relayStatus: 'error' }],
  });
});

test('a channel that changes or is deleted while all rows are written is written again', async () => {
  projector.changed(named('a'));
  duringWrite = () => {
    duringWrite = undefined;
    change(named('a', { relayStatus: 'active' }));
    const b = channels.find(({ metadata }) => metadata.name === 'b');
    channels = channels.filter((each) => each !== b);
    if (b !== undefined) projector.deleted(b);
  };
  await projector.run();
  await projector.run();
  expect(writes.slice(1)).toMatchObject([
    { namespaces: ['shop'], rows: [{ channelId: 'a', relayStatus: 'active' }] },
  ]);
});

test('the effective mode is the one of the status, and that of the spec before there is one', () => {
  const modes = (streamMode: 'auto' | 'hls-only', status?: LiveChannel['status']) =>
    projectionOf(aChannel({ spec: { streamMode }, status })).effectiveStreamMode;
  expect(modes('auto')).toBe('hybrid');
  expect(modes('hls-only')).toBe('hls-only');
  expect(modes('auto', { effectiveStreamMode: 'agora-only' })).toBe('agora-only');
});
