import { describe, expect, test } from '@jest/globals';
import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { FakeClock } from '../../../../src/base/testing/fake-clock.ts';
import type { Authenticate } from '../../../../src/server/auth/authenticate.ts';
import { subjectOf, type Ticket } from '../../../../src/server/auth/tickets/ticket.ts';
import { ticketExpired } from '../../../../src/server/auth/tickets/ticket-tokens.ts';
import { MAX_STREAMS_PER_TICKET_USER } from '../../../../src/server/event-streams.ts';
import { AppStage, asAdmin } from '../../../support/server/app-stage.ts';
import { authenticateByScope } from '../../../support/server/authenticate-by-scope.ts';
import { channelOnAir } from '../../../support/server/recording-services.ts';

/** `Bearer USER`: the caller has a ticket that ends a minute after the start, and whom the services admit. */
function ticketsOf(clock: FakeClock): Authenticate {
  const issuedAt = clock.now();
  const expiresAt = new Date(issuedAt.getTime() + 60_000);
  return async (headers, call) => {
    const userId = /^Bearer (user-\w+)$/.exec(headers.authorization ?? '')?.[1];
    if (userId === undefined) return authenticateByScope(headers, call);
    if (clock.now() >= expiresAt) throw ticketExpired();
    const ticket: Ticket = {
      ...{ id: userId, channelId: '4711', role: 'buyer', grants: [], userId, issuedAt, expiresAt },
    };
    return { subject: subjectOf(ticket), scope: 'playback', ticket };
  };
}
const as = (user: string): { readonly authorization: string } => ({ authorization: `Bearer user-${user}` });

async function subscribe(stage: AppStage, headers: Record<string, string>): Promise<IncomingMessage> {
  if (!stage.app.server.listening) await stage.app.listen({ host: '127.0.0.1', port: 0 });
  const { port } = stage.app.server.address() as AddressInfo; // The address of a TCP server that listens.
  const outgoing = request({ port, host: '127.0.0.1', path: '/v1/channels/4711/events', headers });
  outgoing.end();
  const [answer] = (await once(outgoing, 'response')) as [IncomingMessage];
  return answer.setEncoding('utf8');
}

async function textOf(answer: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of answer) text += String(chunk);
  return text;
}

describe('an event stream', () => {
  test('ends with its ticket, by an event that says so, and resumes with another ticket', async () => {
    const clock = new FakeClock();
    await using stage = await AppStage.start({}, { clock, authenticate: ticketsOf(clock) });
    stage.services.tell({ type: 'status', id: '1', channel: channelOnAir });
    const answer = await subscribe(stage, as('ann'));
    const all = textOf(answer);
    await clock.advance(59_000);
    expect(stage.services.open).toBe(1);
    await clock.advance(1_000);
    const text = await all;
    expect(text).toContain('id: 1\nevent: status');
    const [, problem = ''] = /event: ticket-expired\ndata: (.*)\n\n$/.exec(text) ?? [];
    expect(JSON.parse(problem)).toMatchObject({ code: 'ticket-expired', status: 401 });
    expect(stage.services.open).toBe(0);

    const again = await subscribe(stage, { ...as('ann'), 'last-event-id': '1' });
    expect([again.statusCode, JSON.parse(await textOf(again))]).toMatchObject([
      401,
      { code: 'ticket-expired' },
    ]);
    stage.services.tell({ type: 'status', id: '2', channel: channelOnAir });
    const renewed = await subscribe(stage, { ...asAdmin, 'last-event-id': '1' });
    const [first] = (await once(renewed, 'data')) as [string];
    expect(first).not.toContain('id: 1');
    renewed.destroy();
  });

  test('of other credentials ends without that event', async () => {
    const clock = new FakeClock();
    await using stage = await AppStage.start({}, { clock });
    const answer = await subscribe(stage, asAdmin);
    const all = textOf(answer);
    await clock.advance(900_000);
    expect(await all).not.toContain('ticket-expired');
  });

  test('of one user cannot be opened without a limit, and other users are not affected', async () => {
    const clock = new FakeClock();
    await using stage = await AppStage.start({}, { clock, authenticate: ticketsOf(clock) });
    const open = await Promise.all(
      Array.from({ length: MAX_STREAMS_PER_TICKET_USER }, () => subscribe(stage, as('ann'))),
    );
    expect(new Set(open.map(({ statusCode }) => statusCode))).toEqual(new Set([200]));
    const refused = await subscribe(stage, as('ann'));
    expect([refused.statusCode, JSON.parse(await textOf(refused))]).toMatchObject([
      503,
      { code: 'too-many-subscribers' },
    ]);
    const other = await subscribe(stage, as('bob'));
    expect(other.statusCode).toBe(200);
    const closed = once(open[0] ?? other, 'close');
    open[0]?.destroy();
    await closed;
    for (let attempt = 0, status = 0; status !== 200; attempt += 1) {
      expect(attempt).toBeLessThan(100);
      const next = await subscribe(stage, as('ann'));
      status = next.statusCode ?? 0;
      open.push(next);
    }
    for (const each of [...open, other]) each.destroy();
  });
});

test('the rate limit is that of the user, whatever ticket is used', async () => {
  const clock = new FakeClock();
  await using stage = await AppStage.start(
    { LIVECHANNEL_API_RATE_LIMIT: 100, LIVECHANNEL_API_RATE_LIMIT_TICKET: 2 },
    { clock, authenticate: ticketsOf(clock) },
  );
  const status = async (headers: Record<string, string>): Promise<number> =>
    (await stage.app.inject({ url: '/v1/channels/4711/playback', headers })).statusCode;
  expect([await status(as('ann')), await status(as('ann')), await status(as('ann'))]).toEqual([
    200, 200, 429,
  ]);
  expect(await status(as('bob'))).toBe(200);
  for (let call = 0; call < 3; call += 1) expect(await status(asAdmin)).toBe(200);
});

describe('a page of another origin', () => {
  const origin = 'https://shop.example';

  test('may send a ticket and the id of the last event to the events', async () => {
    await using stage = await AppStage.start();
    const preflight = await stage.app.inject({
      method: 'OPTIONS',
      url: '/v1/channels/4711/events',
      headers: {
        origin,
        'access-control-request-method': 'GET',
        'access-control-request-headers': 'authorization, last-event-id',
      },
    });
    expect(preflight.headers).toMatchObject({
      'access-control-allow-origin': origin,
      'access-control-allow-headers': 'authorization, last-event-id',
    });
    const answer = await subscribe(stage, { ...asAdmin, origin });
    expect(answer.headers['access-control-allow-origin']).toBe(origin);
    answer.destroy();
  });

  test('can read that its ticket has expired', async () => {
    const clock = new FakeClock();
    await using stage = await AppStage.start({}, { clock, authenticate: ticketsOf(clock) });
    await clock.advance(60_000);
    const answer = await stage.app.inject({
      url: '/v1/channels/4711/playback',
      headers: { ...as('ann'), origin },
    });
    expect([answer.statusCode, answer.json()]).toMatchObject([401, { code: 'ticket-expired' }]);
    expect(answer.headers['access-control-allow-origin']).toBe(origin);
  });
});

test('a ticket is created for the channel in the path, and is not cached', async () => {
  await using stage = await AppStage.start();
  const create = (payload: object) =>
    stage.app.inject({ method: 'POST', url: '/v1/channels/4711/tickets', headers: asAdmin, payload });
  const answer = await create({ role: 'seller', userId: 42, grants: ['start'] });
  expect([answer.statusCode, answer.headers['cache-control']]).toEqual([201, 'no-store']);
  const request = { role: 'seller', userId: '42', ttlSeconds: 3_600, grants: ['start'] };
  expect(stage.services.asked).toEqual([['createTicket', '4711', request]]);
  for (const wrong of [
    {},
    { role: 'admin' },
    { role: 'buyer', ttlSeconds: 59 },
    { role: 'buyer', ttlSeconds: 86_401 },
    { role: 'buyer', userId: 'two words' },
    { role: 'buyer', userId: 'x'.repeat(129) },
    { role: 'seller', grants: ['end'] },
    { role: 'seller', channelId: '4712' },
  ])
    expect([wrong, (await create(wrong)).statusCode]).toEqual([wrong, 400]);
});
