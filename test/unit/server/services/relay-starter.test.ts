import { expect, test } from '@jest/globals';
import { streamRecordAnnotations } from '../../../../src/api/annotations/stream-records.ts';
import { silentLogger } from '../../../../src/base/logger.ts';
import { FakeClock } from '../../../../src/base/testing/fake-clock.ts';
import { ChannelCache } from '../../../../src/server/cache/channel-cache.ts';
import { ChannelWriter, type Client } from '../../../../src/server/services/channel-writer.ts';
import { addressIn, RelayStarter } from '../../../../src/server/services/relay-starter.ts';
import { aCachedChannel } from '../../../support/server/cached-channel.ts';

const resting = (why: 'no-host' | 'no-viewers' | 'agora'): ReturnType<typeof aCachedChannel> =>
  aCachedChannel('show', {
    annotations: streamRecordAnnotations('uid-of-show', [
      {
        role: 'active',
        platform: 'ivs-eu',
        name: 'lc-show',
        attempt: 'first',
        since: '2026-01-01T00:00:00Z',
        idle: { since: '2026-01-01T00:00:00Z', why },
      },
    ]),
  });

function underTest(): {
  starter: RelayStarter;
  clock: FakeClock;
  patches: object[];
  fails: { next: boolean };
} {
  const clock = new FakeClock();
  const patches: object[] = [];
  const fails = { next: false };
  const client: Client = {
    create: () => Promise.reject(new Error('not in this test')),
    get: () => Promise.resolve(undefined),
    delete: () => Promise.resolve(true),
    patchMerge: async (type, { name }, patch) => {
      patches.push(patch);
      const stored = fails.next ? undefined : type.parse?.(resting('no-viewers'));
      if (stored === undefined) throw new Error(`${name}: away`);
      return stored;
    },
  };
  const parts = { clock, logger: silentLogger };
  const cache = new ChannelCache({
    ...parts,
    client: { pages: () => never(), watch: () => never() },
    namespace: 'shop',
    random: Math.random,
  });
  const writer = new ChannelWriter(client, cache);
  return { starter: new RelayStarter({ ...parts, cache, writer, waitMs: 0 }), clock, patches, fails };
}
async function* never(): AsyncGenerator<never> {}
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('however many viewers come, the relay is woken once in five seconds', async () => {
  const { starter, clock, patches } = underTest();
  for (let viewer = 0; viewer < 1_000; viewer++) starter.viewerCame(resting('no-viewers'));
  expect(patches).toEqual([
    { metadata: { annotations: { 'livechannel.dev/resume': clock.now().toISOString() } } },
  ]);
  await clock.advance(4_999);
  starter.viewerCame(resting('no-viewers'));
  expect(patches).toHaveLength(1);
  await clock.advance(1);
  starter.viewerCame(resting('no-viewers'));
  expect(patches).toHaveLength(2);
});

test('a wake that failed is tried again with the next viewer', async () => {
  const { starter, patches, fails } = underTest();
  fails.next = true;
  starter.viewerCame(resting('no-viewers'));
  await turn();
  fails.next = false;
  starter.viewerCame(resting('no-viewers'));
  expect(patches).toHaveLength(2);
});

test('one that rests for another reason, or does not rest, is left alone', () => {
  const { starter, patches } = underTest();
  for (const channel of [resting('no-host'), resting('agora'), aCachedChannel('show')])
    starter.viewerCame(channel);
  expect(patches).toEqual([]);
});

test.each([
  ['show', aCachedChannel('show'), undefined],
  ['show', undefined, 'channel-not-found'],
  ['show', aCachedChannel('show', { status: { hlsPlaybackUrl: undefined } }), 'stream-not-ready'],
  [
    'show',
    aCachedChannel('show', { metadata: { deletionTimestamp: '2026-01-01T00:00:00Z' } }),
    'channel-ending',
  ],
  [
    'show',
    aCachedChannel('show', { status: { hlsPlaybackUrl: undefined, effectiveStreamMode: 'agora-only' } }),
    'agora-only',
  ],
])('the address of %s, or why there is none (%#)', (id, channel, code) => {
  const address = (): string => addressIn(id, channel);
  if (code === undefined) expect(address()).toBe('https://play.example/live.m3u8');
  else expect(address).toThrow(expect.objectContaining({ code }));
});
