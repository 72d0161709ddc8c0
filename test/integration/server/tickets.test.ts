import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { annotations } from '../../../src/api/names.ts';
import { systemClock } from '../../../src/base/clock.ts';
import { silentLogger } from '../../../src/base/logger.ts';
import { withPublicPlayback, anonymous } from '../../../src/server/auth/authenticate.ts';
import { subjectOf } from '../../../src/server/auth/tickets/ticket.ts';
import { ticketKeysIn } from '../../../src/server/auth/tickets/ticket-keys.ts';
import { TicketTokens } from '../../../src/server/auth/tickets/ticket-tokens.ts';
import { ticketRequestSchema, type TicketRequest } from '../../../src/server/contract/tickets.ts';
import type { ServerEvent } from '../../../src/server/contract/events.ts';
import type { CallContext } from '../../../src/server/service.ts';
import { OperatorStage } from '../../support/operator/operator-stage.ts';
import { eventually } from '../../support/wait/eventually.ts';
import { observeFor } from '../../support/wait/observe-for.ts';
import { as, refused, ServicesUnderTest } from './services-stage.ts';

let stage: OperatorStage;
let namespace: string;
let folder: string;
let it: ServicesUnderTest;
const operate = as('operate', AbortSignal.timeout(600_000));

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'livechannel-tickets-'));
  await writeFile(join(folder, 'key-1'), randomBytes(32));
  stage = await OperatorStage.build();
  await stage.putPlatform('origin', { isDefault: true });
  namespace = await stage.namespace();
  stage.startOperator();
  it = await ServicesUnderTest.start(stage, namespace, {
    keys: { origin: { token: stage.origin.token } },
    settings: { LIVECHANNEL_API_TICKET_KEYS_DIR: folder },
  });
}, 180_000);
afterAll(async () => {
  await it[Symbol.asyncDispose]();
  await stage[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

/** A call with a new ticket, as the server makes it of the ticket's text. */
async function withTicket(
  channelId: string,
  request: Partial<TicketRequest>,
  signal = AbortSignal.timeout(60_000),
): Promise<CallContext> {
  const full = ticketRequestSchema.parse({ role: 'buyer', ...request });
  const { ticket: text } = await it.services.createTicket(operate, channelId, full);
  const tokens = new TicketTokens(ticketKeysIn(folder, systemClock, silentLogger), namespace, systemClock);
  const ticket = await tokens.verify(text);
  return { caller: { subject: subjectOf(ticket), scope: undefined, ticket }, requestId: 'r', signal };
}
const visitor: CallContext = {
  ...{ caller: withPublicPlayback(anonymous), requestId: 'r', signal: AbortSignal.timeout(600_000) },
};

describe('a ticket', () => {
  test('can be created before its channel, and works as soon as the channel exists', async () => {
    const call = await withTicket('later', {});
    expect(await refused(it.services.playback(call, 'later', undefined))).toMatchObject({
      code: 'channel-not-found',
    });
    const { playbackUrl } = await it.services.startRelay(operate, 'later', {});
    expect(await it.services.playback(call, 'later', undefined)).toMatchObject({ hlsUrl: playbackUrl });
    const seller = await withTicket('later', { role: 'seller' });
    const day = { from: '2026-01-01T00:00:00Z', to: '2026-01-02T00:00:00Z', step: 60 };
    const metrics = async (): Promise<string> =>
      (await refused(it.services.metrics(seller, 'later', day))).code;
    expect(await metrics()).toBe('store-unavailable'); // admitted; there is no database here
    await it.services.endChannel(operate, 'later', undefined);
    await eventually('the end', 20, async () => {
      const { code } = await refused(it.services.playback(call, 'later', undefined));
      return code === 'channel-not-found' ? true : undefined;
    });
    expect(await metrics()).toBe('channel-not-found');
  }, 60_000);

  test('cannot be created without a key, and the answer says what to set', async () => {
    await using without = await ServicesUnderTest.start(stage, namespace);
    const request = ticketRequestSchema.parse({ role: 'buyer' });
    expect(await refused(without.services.createTicket(operate, '1', request))).toMatchObject({
      code: 'tickets-not-set-up',
      status: 409,
      detail: expect.stringContaining('LIVECHANNEL_API_TICKET_KEYS_DIR'),
    });
  });

  test('of a seller starts and stops its channel, creates none, and changes the stream mode only', async () => {
    const seller = await withTicket('sold', { role: 'seller', grants: ['start', 'stop'] });
    expect(await refused(it.services.startRelay(seller, 'sold', {}))).toMatchObject({
      code: 'channel-not-found',
    });
    expect(await stage.channel({ namespace, name: 'sold' })).toBeUndefined();
    await it.services.createChannel(operate, { id: 'sold', onAir: false }, undefined);
    expect((await it.services.startRelay(seller, 'sold', {})).playbackUrl).toMatch(/^https?:/);
    expect((await it.services.relay(seller, 'sold')).wanted).toBe(true);
    const { value } = await it.services.changeChannel(seller, 'sold', { streamMode: 'hls-only' }, undefined);
    expect(value).toMatchObject({ streamMode: 'hls-only', platform: 'origin' });
    for (const change of [{ standby: true }, { streamMode: 'hybrid', budget: null }] as const)
      expect(await refused(it.services.changeChannel(seller, 'sold', change, undefined))).toMatchObject({
        code: 'not-allowed',
      });
    for (const passed of [{ agoraToken: '007abc' }, { agoraChannelName: 'another' }])
      expect(await refused(it.services.startRelay(seller, 'sold', passed))).toMatchObject({
        code: 'not-allowed',
      });
    await it.services.stopRelay(seller, 'sold');
    expect((await it.services.relay(seller, 'sold')).wanted).toBe(false);
  }, 60_000);

  test('of a buyer receives events without details of operation, until the channel is gone', async () => {
    await it.services.createChannel(operate, { id: 'seen', onAir: false }, undefined);
    const stop = new AbortController();
    const buyer = await withTicket('seen', {}, stop.signal);
    const events: ServerEvent[] = [];
    const reading = (async () => {
      for await (const event of it.services.events(buyer, 'seen', undefined)) events.push(event);
    })();
    await it.services.startRelay(operate, 'seen', {});
    await eventually('on air', 30, () =>
      events.some((event) => event.type === 'status' && event.channel.relay.status === 'active'),
    );
    const channels = events.flatMap((event) => ('channel' in event ? [event.channel] : []));
    expect(channels.at(-1)?.playbackUrl).toMatch(/^https?:/);
    for (const { conditions, platform, name } of channels)
      expect({ conditions, platform, name }).toEqual({ conditions: [], platform: null, name: '' });
    const states = channels.map((channel) => JSON.stringify(channel));
    expect(states.filter((state, index) => state === states[index - 1])).toEqual([]);
    await it.services.endChannel(operate, 'seen', undefined);
    await eventually('the end', 30, () => events.some(({ type }) => type === 'ended'));
    stop.abort();
    await reading;
  }, 90_000);
});

describe('signed playback', () => {
  beforeAll(async () => {
    const settings = { id: 'members', onAir: true, playback: { access: 'signed' } } as const;
    await it.services.createChannel(operate, settings, undefined);
    await it.services.startRelay(operate, 'members', {});
  });

  test('is for viewers whom the app has admitted: public playback signs nothing', async () => {
    const refusal = { code: 'not-authenticated', scope: 'playback' };
    expect(await refused(it.services.playback(visitor, 'members', 'ann'))).toMatchObject(refusal);
    expect(await refused(it.services.relay(visitor, 'members'))).toMatchObject(refusal);
    const buyer = await withTicket('members', {});
    expect(await it.services.playback(buyer, 'members', undefined)).toMatchObject({ access: 'signed' });
  });

  test('names the user of the ticket, whatever its bearer says', async () => {
    const grants: unknown[] = [];
    stage.origin.onCall = ({ path, body }) => {
      if (path.endsWith('/playback-grants')) grants.push(JSON.parse(body));
    };
    const ann = await withTicket('members', { userId: 'ann' });
    await it.services.playback(ann, 'members', 'bob');
    expect(grants.at(-1)).toMatchObject({ viewerId: 'ann' });
    const unnamed = await withTicket('members', {});
    await it.services.playback(unnamed, 'members', 'bob');
    expect(grants.at(-1)).toMatchObject({ viewerId: 'bob' });
    stage.origin.onCall = undefined;
  });
});

test('an idle relay is resumed by a viewer with a ticket, and not by anonymous ones', async () => {
  const ref = { namespace, name: 'paid' };
  await stage.apply(ref, { relay: { idle: { noViewersSeconds: 1 } } });
  const { status } = await stage.onAir(ref);
  const watched = (viewers: number): void => {
    const id = status?.streamId ?? '';
    const stream = stage.origin.streams.get(id);
    if (stream !== undefined) stage.origin.streams.set(id, { ...stream, live: true, viewers });
  };
  watched(0);
  await eventually('idle in the cache', 20, async () =>
    (await it.services.relay(operate, 'paid')).idleSince === null ? undefined : true,
  );
  watched(3);
  const resumed = async (): Promise<string | undefined> =>
    (await stage.channel(ref))?.metadata.annotations?.[annotations.resume];
  const before = await resumed();
  expect((await it.services.playback(visitor, 'paid', undefined)).hlsUrl).toBe(status?.hlsPlaybackUrl);
  await observeFor(2);
  expect(await resumed()).toBe(before);
  await it.services.playback(await withTicket('paid', {}), 'paid', undefined);
  await stage.event(ref, 'Normal', 'Resuming');
  await stage.onAir(ref);
}, 90_000);
