import { expect, test } from '@jest/globals';
import type { TRPCClientError } from '@trpc/client';
import { FakeClock } from '../../../src/base/testing/fake-clock.ts';
import { createLiveChannelClient } from '../../../src/client/client.ts';
import type { Authenticate } from '../../../src/server/auth/authenticate.ts';
import { subjectOf, type Ticket } from '../../../src/server/auth/tickets/ticket.ts';
import { ticketExpired } from '../../../src/server/auth/tickets/ticket-tokens.ts';
import { MAX_STREAMS_PER_TICKET_USER } from '../../../src/server/event-streams.ts';
import type { ServerEvent } from '../../../src/server/contract/events.ts';
import { channelOnAir } from '../../support/server/recording-services.ts';
import { eventually } from '../../support/wait/eventually.ts';
import { TrpcStage } from '../../support/server/trpc-stage.ts';

/** `Bearer MINUTES`: a ticket that expires so many minutes after the start. */
function ticketsOf(clock: FakeClock): Authenticate {
  const issuedAt = clock.now();
  return async ({ authorization }) => {
    const minutes = Number(/^Bearer (\d+)$/.exec(authorization ?? '')?.[1]);
    const expiresAt = new Date(issuedAt.getTime() + minutes * 60_000);
    if (clock.now() >= expiresAt) throw ticketExpired();
    const ticket: Ticket = {
      ...{ id: 'abcdefgh', channelId: '4711', role: 'buyer', grants: [], userId: '42', issuedAt, expiresAt },
    };
    return { subject: subjectOf(ticket), scope: 'playback', ticket };
  };
}

const status = (id: string): ServerEvent => ({ type: 'status', id, channel: channelOnAir });

test('a subscription is renewed by the callback when its ticket expires, and loses no event', async () => {
  const clock = new FakeClock();
  await using stage = await TrpcStage.start({ clock, authenticate: ticketsOf(clock) });
  let ticket = '1';
  const received: string[] = [];
  const errors: TRPCClientError<never>[] = [];
  const client = createLiveChannelClient({ url: stage.url, token: () => ticket });
  const subscription = client.events.channel.subscribe(
    { channelId: 4711 },
    {
      onData: ({ id }) => received.push(id),
      onError: (error) => errors.push(error as unknown as TRPCClientError<never>), // the client's own type
    },
  );
  await eventually('a subscriber', 15, () => stage.services.open === 1);
  stage.services.tell(status('1'));
  await eventually('an event', 15, () => received.length === 1);

  ticket = '2';
  await clock.advance(60_000);
  await eventually('the end of the stream', 15, () => stage.services.open === 0 || received.length > 1);
  stage.services.tell(status('2'));
  await eventually('the next event', 15, () => received.length === 2);
  expect([received, errors]).toEqual([['1', '2'], []]);
  expect(stage.services.asked.at(-1)).toEqual(['events', '4711', '1']);

  // A callback that does not renew the ticket: the subscription ends, and the error says why.
  await clock.advance(60_000);
  await eventually('an error', 15, () => errors.length > 0);
  expect(errors[0]?.data).toMatchObject({ code: 'UNAUTHORIZED', problem: { code: 'ticket-expired' } });
  subscription.unsubscribe();
});

test('too many streams of one user are refused with a problem after which the client retries', async () => {
  const clock = new FakeClock();
  await using stage = await TrpcStage.start({ clock, authenticate: ticketsOf(clock) });
  const stop = new AbortController();
  const address = `${stage.url}/trpc/events.channel?input=${encodeURIComponent('{"channelId":4711}')}`;
  const headers = { accept: 'text/event-stream', authorization: 'Bearer 5' };
  for (let opened = 0; opened < MAX_STREAMS_PER_TICKET_USER; opened += 1)
    await fetch(address, { headers, signal: stop.signal });
  await eventually('all streams', 15, () => stage.services.open === MAX_STREAMS_PER_TICKET_USER);
  const text = await (await fetch(address, { headers })).text();
  expect(text).toMatch(/event: serialized-error\ndata: .*"httpStatus":503.*"code":"too-many-subscribers"/);
  expect(stage.services.open).toBe(MAX_STREAMS_PER_TICKET_USER);
  stop.abort();
});
