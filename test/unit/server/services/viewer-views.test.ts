import { expect, test } from '@jest/globals';
import type { ChannelView } from '../../../../src/server/contract/channel-view.ts';
import { channelViewSchema } from '../../../../src/server/contract/channel-view.ts';
import { serverEventSchema, type ServerEvent } from '../../../../src/server/contract/events.ts';
import { ApiProblem } from '../../../../src/server/problems.ts';
import {
  channelForBuyers,
  eventsForBuyers,
  problemForViewers,
} from '../../../../src/server/services/viewer-views.ts';
import { channelOnAir, relayOnAir } from '../../../support/server/recording-services.ts';

/** Every member that buyers must not see contains "secret", or a number above 900. */
const secretive: ChannelView = {
  ...channelOnAir,
  namespace: 'secret',
  name: 'secret',
  modeReason: 'secret: 3 viewers cost $0.72/h on Agora',
  platform: 'secret',
  relay: {
    ...relayOnAir,
    health: 'poor',
    restarts: 901,
    lastRestartReason: 'secret',
    idleSince: '2026-01-01T00:00:09.999Z',
    viewerCount: 902,
    bitrateKbps: 903,
  },
  conditions: [
    { type: 'Ready', status: 'False', reason: 'CredentialsNotFound', message: 'secret', since: '2026-01-01' },
  ],
};

async function seen(...events: readonly ServerEvent[]): Promise<ServerEvent[]> {
  const source = (async function* () {
    yield* events;
  })();
  const received: ServerEvent[] = [];
  for await (const event of eventsForBuyers(source)) received.push(event);
  return received;
}
const status = (id: string, channel = secretive): ServerEvent => ({ type: 'status', id, channel });

test('a buyer sees what a player needs, in the same shape', () => {
  const view = channelForBuyers(secretive);
  expect(JSON.stringify(view)).not.toMatch(/secret|90[123]|9\.999|poor|Credentials/);
  expect(channelViewSchema.parse(view)).toMatchObject({
    id: '4711',
    effectiveStreamMode: 'hybrid',
    playbackUrl: 'https://hls.example/4711.m3u8',
    latencyMode: 'low',
    access: 'public',
    relay: { status: 'active', wanted: true },
    conditions: [],
  });
});

test('events have the same view, and a change of mode no costs', async () => {
  const at = '2026-01-01T00:00:00.000Z';
  const mode = { type: 'mode', id: '2', channelId: '4711', mode: 'agora-only', at } as const;
  const events = await seen(
    { type: 'snapshot', id: '1', channel: secretive },
    { ...mode, message: 'secret: $2.00/h' },
    { type: 'ended', id: '3', channelId: '4711' },
  );
  expect(events.map((event) => serverEventSchema.parse(event).type)).toEqual(['snapshot', 'mode', 'ended']);
  expect(JSON.stringify(events)).not.toContain('secret');
  expect(events[1]).toMatchObject({ mode: 'agora-only', at, message: 'Watch on Agora.' });
});

test('a status in which nothing changed for buyers is not sent', async () => {
  const viewers = { ...secretive, relay: { ...secretive.relay, viewerCount: 950 } };
  const moved = { ...secretive, playbackUrl: 'https://hls.example/other.m3u8' };
  const events = await seen(
    { type: 'snapshot', id: '1', channel: secretive },
    status('2', viewers),
    status('3', moved),
    status('4', moved),
    status('5'),
  );
  expect(events.map(({ id }) => id)).toEqual(['1', '3', '5']);
});

test('all buyers share the reduced event, so that it is serialized once', async () => {
  const event = status('1');
  const [[first], [second]] = await Promise.all([seen(event), seen(event)]);
  expect(first).toBe(second);
});

test('a problem keeps its code and when to retry, without details of operation', () => {
  const problem = new ApiProblem('stream-not-ready', 'CredentialsNotFound: Secret shop/agora', {
    retryAfterSeconds: 2,
  });
  expect(problemForViewers(problem)).toMatchObject({
    code: 'stream-not-ready',
    detail: 'The stream has no address yet.',
    headers: { 'retry-after': '2' },
  });
  const other = new Error('other');
  expect(problemForViewers(other)).toBe(other);
});
