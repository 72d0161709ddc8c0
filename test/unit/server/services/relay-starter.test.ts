import { expect, test } from '@jest/globals';
import { streamRecordAnnotations } from '../../../../src/api/annotations/stream-records.ts';
import { silentLogger } from '../../../../src/base/logger.ts';
import { SecretText } from '../../../../src/base/secret-text.ts';
import { FakeClock } from '../../../../src/base/testing/fake-clock.ts';
import { ChannelCache } from '../../../../src/server/cache/channel-cache.ts';
import { ChannelWriter, type Client } from '../../../../src/server/services/channel-writer.ts';
import type { ChannelDraft } from '../../../../src/server/services/channel-draft.ts';
import { addressIn, RelayStarter, type PassedTokens } from '../../../../src/server/services/relay-starter.ts';
import { aCachedChannel } from '../../../support/server/cached-channel.ts';

const idleChannel = (why: 'no-host' | 'no-viewers' | 'agora'): ReturnType<typeof aCachedChannel> =>
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

function underTest(parts: Partial<Client> & { readonly tokens?: PassedTokens } = {}): {
  starter: RelayStarter;
  clock: FakeClock;
  patches: object[];
  fails: { next: boolean };
} {
  const clock = new FakeClock();
  const patches: object[] = [];
  const fails = { next: false };
  const { tokens, ...calls } = parts;
  const client: Client = {
    create: () => Promise.reject(new Error('not used here')),
    get: () => Promise.resolve(undefined),
    delete: () => Promise.resolve(true),
    patchMerge: async (type, { name }, patch) => {
      patches.push(patch);
      const stored = fails.next ? undefined : type.parse?.(idleChannel('no-viewers'));
      if (stored === undefined) throw new Error(`${name}: away`);
      return stored;
    },
    ...calls,
  };
  const common = { clock, logger: silentLogger };
  const cache = new ChannelCache({
    ...common,
    client: { pages: () => never(), watch: () => never() },
    namespace: 'shop',
    random: Math.random,
  });
  const writer = new ChannelWriter(client, cache);
  return {
    starter: new RelayStarter({ ...common, cache, writer, waitMs: 0, tokens }),
    clock,
    patches,
    fails,
  };
}
async function* never(): AsyncGenerator<never> {}
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('with any number of viewers, the relay is resumed once in five seconds', async () => {
  const { starter, clock, patches } = underTest();
  for (let viewer = 0; viewer < 1_000; viewer++) starter.viewerCame(idleChannel('no-viewers'));
  expect(patches).toEqual([
    { metadata: { annotations: { 'livechannel.dev/resume': clock.now().toISOString() } } },
  ]);
  await clock.advance(4_999);
  starter.viewerCame(idleChannel('no-viewers'));
  expect(patches).toHaveLength(1);
  await clock.advance(1);
  starter.viewerCame(idleChannel('no-viewers'));
  expect(patches).toHaveLength(2);
});

test('a failed resume is retried with the next viewer', async () => {
  const { starter, patches, fails } = underTest();
  fails.next = true;
  starter.viewerCame(idleChannel('no-viewers'));
  await turn();
  fails.next = false;
  starter.viewerCame(idleChannel('no-viewers'));
  expect(patches).toHaveLength(2);
});

test('a channel that is idle for another reason, or not idle, is not changed', () => {
  const { starter, patches } = underTest();
  for (const channel of [idleChannel('no-host'), idleChannel('agora'), aCachedChannel('show')])
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
])('the playback URL of %s, or why there is none (%#)', (id, channel, code) => {
  const address = (): string => addressIn(id, channel);
  if (code === undefined) expect(address()).toBe('https://play.example/live.m3u8');
  else expect(address).toThrow(expect.objectContaining({ code }));
});

test('a token that an app passes is stored before the relay starts', async () => {
  const writes: unknown[] = [];
  const stored = (spec: object): ReturnType<typeof aCachedChannel> => aCachedChannel('show', { spec });
  const { starter, clock } = underTest({
    create: async (_type, object) => {
      writes.push(['create', 'spec' in object ? object.spec : undefined]);
      return stored({ suspend: true }) as never; // the type that the caller asked for
    },
    patchMerge: async (type, _ref, patch) => {
      writes.push(['patch', patch]);
      const channel = type.parse?.(stored({ suspend: false }));
      if (channel === undefined) throw new Error('not a channel');
      return channel;
    },
    tokens: {
      put: async ({ metadata }, token) => {
        writes.push(['token', metadata.name, token.reveal()]);
      },
    },
  });
  const draft = (): ChannelDraft => ({
    metadata: { name: 'show', namespace: 'shop', annotations: {} },
    spec: { suspend: false },
  });
  const start = { id: 'show', draft, agoraToken: new SecretText('007eJx') };
  const started = expect(starter.start(start, AbortSignal.timeout(5_000))).rejects.toMatchObject({
    code: 'stream-not-ready', // there is no operator
  });
  for (let waits = 0; waits < 5; waits++) {
    await turn();
    await clock.advance(1_000); // the cache sees none of the writes
  }
  await started;
  expect(writes).toEqual([
    ['create', { suspend: true }],
    ['token', 'show', '007eJx'],
    ['patch', { spec: { suspend: false } }],
  ]);
});

test('a token is refused where the service cannot store it, and nothing is written', async () => {
  const { starter, patches } = underTest();
  const draft = (): never => {
    throw new Error('no draft is needed');
  };
  await expect(
    starter.start({ id: 'show', draft, agoraToken: new SecretText('007eJx') }, AbortSignal.timeout(5_000)),
  ).rejects.toMatchObject({ code: 'invalid-request', extensions: { errors: [{ path: 'agoraToken' }] } });
  expect(patches).toEqual([]);
});
