import { expect, test } from '@jest/globals';
import { silentLogger } from '../../../../src/base/logger.ts';
import { SecretText } from '../../../../src/base/secret-text.ts';
import { FakeClock } from '../../../../src/base/testing/fake-clock.ts';
import { ChannelCache } from '../../../../src/server/cache/channel-cache.ts';
import { ChannelWriter, type Client } from '../../../../src/server/services/channel-writer.ts';
import type { ChannelDraft } from '../../../../src/server/services/channel-draft.ts';
import { PassedTokens } from '../../../../src/server/services/passed-tokens.ts';
import { addressIn, RelayStarter } from '../../../../src/server/services/relay-starter.ts';
import { ApiProblem } from '../../../../src/server/problems.ts';
import { aCachedChannel } from '../../../support/server/cached-channel.ts';

const idleChannel = (why: 'no-host' | 'no-viewers' | 'agora'): ReturnType<typeof aCachedChannel> =>
  aCachedChannel('show', {
    status: {
      streams: [
        {
          role: 'active',
          platform: 'ivs-eu',
          name: 'lc-show',
          attempt: 'first',
          since: '2026-01-01T00:00:00Z',
          idle: { since: '2026-01-01T00:00:00Z', why },
        },
      ],
    },
  });

type Tokens = Pick<PassedTokens, 'check' | 'store'>;

/** Where `tokens` are not given, the service accepts none. */
function underTest(parts: Partial<Client> & { readonly tokens?: Tokens } = {}): {
  starter: RelayStarter;
  clock: FakeClock;
  patches: object[];
  fails: { next: boolean };
} {
  const clock = new FakeClock();
  const patches: object[] = [];
  const fails = { next: false };
  const { tokens, ...calls } = parts;
  const real = new PassedTokens({
    client: { apply: () => Promise.reject(new Error('not used')) },
    clock,
    accept: false,
  });
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
    starter: new RelayStarter({
      ...common,
      cache,
      writer,
      waitMs: 0,
      tokens: {
        check: (...given) => (tokens ?? real).check(...given),
        store: (...given) => (tokens ?? real).store(...given),
        withToken: (draft) => real.withToken(draft),
        tokenPatch: (channel) => real.tokenPatch(channel),
      },
    }),
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
    aCachedChannel('show', {
      status: { hlsPlaybackUrl: undefined, effectiveStreamMode: 'agora-only', modeReason: 'It is cheaper.' },
    }),
    'agora-only',
  ],
  [
    // Changed from agora-only just now: there will be an address soon.
    'show',
    aCachedChannel('show', { status: { hlsPlaybackUrl: undefined, effectiveStreamMode: 'agora-only' } }),
    'stream-not-ready',
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
    get: async () => stored({ suspend: true }) as never, // likewise
    patchMerge: async (type, _ref, patch) => {
      writes.push(['patch', patch]);
      const channel = type.parse?.(stored({ suspend: false }));
      if (channel === undefined) throw new Error('not a channel');
      return channel;
    },
    tokens: {
      check: (_token, use) => {
        writes.push(['check', use]);
      },
      store: async ({ metadata }, token) => {
        writes.push(['token', metadata.name, token.reveal()]);
      },
    },
  });
  const draft = (): ChannelDraft => ({
    metadata: { name: 'show', namespace: 'shop', annotations: {} },
    spec: { suspend: false, agora: { channelName: 'live_show', hostUid: 7 } },
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
    ['check', { channelName: 'live_show', hostUid: 7 }],
    [
      'create',
      {
        suspend: true,
        agora: { channelName: 'live_show', hostUid: 7, tokenRef: { name: 'show-agora-token' } },
      },
    ],
    ['check', expect.objectContaining({ replicas: 1 })],
    ['token', 'show', '007eJx'],
    ['patch', { spec: { suspend: false, agora: { tokenRef: { name: 'show-agora-token' } } } }],
  ]);
});

test.each([
  ['the service may not store it', undefined, 'agora-token-not-accepted'],
  [
    'it cannot be used',
    new ApiProblem('agora-token-rejected', 'The Agora token has expired.'),
    'agora-token-rejected',
  ],
])('a token is refused where %s, and nothing is written', async (_, refusal, code) => {
  const writes: unknown[] = [];
  const tokens: Tokens = {
    check: () => {
      if (refusal !== undefined) throw refusal;
    },
    store: async () => {
      writes.push('token');
    },
  };
  const { starter, patches } = underTest({
    create: async () => {
      writes.push('create');
      throw new Error('not reached');
    },
    ...(refusal === undefined ? {} : { tokens }),
  });
  const draft = (): ChannelDraft => ({
    metadata: { name: 'show', namespace: 'shop', annotations: {} },
    spec: { agora: {} },
  });
  const start = { id: 'show', draft, agoraToken: new SecretText('007eJx') };
  await expect(starter.start(start, AbortSignal.timeout(5_000))).rejects.toMatchObject({ code });
  expect([patches, writes]).toEqual([[], []]);
});
