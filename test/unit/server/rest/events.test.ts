import { expect, test } from '@jest/globals';
import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { FakeClock } from '../../../../src/base/testing/fake-clock.ts';
import { refusal } from '../../../../src/server/auth/refusal.ts';
import type { ServerEvent } from '../../../../src/server/contract/events.ts';
import { authenticateByScope } from '../../../support/server/authenticate-by-scope.ts';
import { channelOnAir } from '../../../support/server/recording-services.ts';
import { AppStage, asAdmin } from '../../../support/server/app-stage.ts';

const status = (id: string): ServerEvent => ({ type: 'status', id, channel: channelOnAir });

async function subscribe(stage: AppStage, headers: Record<string, string> = {}): Promise<IncomingMessage> {
  if (!stage.app.server.listening) await stage.app.listen({ host: '127.0.0.1', port: 0 });
  const { port } = stage.app.server.address() as AddressInfo; // The address of a TCP server that listens.
  const outgoing = request({
    port,
    host: '127.0.0.1',
    path: '/v1/channels/4711/events',
    headers: { ...asAdmin, ...headers },
  });
  outgoing.end();
  const [answer] = (await once(outgoing, 'response')) as [IncomingMessage];
  return answer.setEncoding('utf8');
}

async function readUntil(answer: IncomingMessage, wanted: string): Promise<string> {
  let text = '';
  while (!text.includes(wanted))
    text += String((await once(answer, 'data', { signal: AbortSignal.timeout(5_000) }))[0]);
  return text;
}

test('events have an id, a type and data, and a client resumes after its last event', async () => {
  await using stage = await AppStage.start();
  for (const id of ['1', '2']) stage.services.tell(status(id));
  const answer = await subscribe(stage, { 'last-event-id': '1' });
  expect(answer.headers).toMatchObject({
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
  });
  expect(answer.headers['x-request-id']).toEqual(expect.any(String));
  expect(await readUntil(answer, 'id: 2')).toBe(
    `retry: 2000\n\nid: 2\nevent: status\ndata: ${JSON.stringify(status('2'))}\n\n`,
  );
  stage.services.tell(status('3'));
  expect(await readUntil(answer, 'id: 3')).toContain('event: status');
  answer.destroy();
});

test('a caller without the scope for all channels is rejected before anything is sent', async () => {
  await using stage = await AppStage.start();
  const answer = await stage.app.inject({
    url: '/v1/events',
    headers: { authorization: 'Bearer playback' },
  });
  expect([answer.statusCode, answer.json()]).toMatchObject([403, { code: 'not-allowed', scope: 'operate' }]);
});

test('a disconnected subscriber is removed', async () => {
  await using stage = await AppStage.start();
  stage.services.tell(status('1'));
  const answer = await subscribe(stage);
  await readUntil(answer, 'id: 1');
  expect(stage.services.open).toBe(1);
  answer.destroy();
  const deadline = Date.now() + 5_000;
  while (stage.services.open > 0 && Date.now() < deadline) await new Promise(setImmediate);
  expect(stage.services.open).toBe(0);
});

test('when the server closes, subscriptions end and it stops at once', async () => {
  const stage = await AppStage.start();
  stage.services.tell(status('1'));
  const answer = await subscribe(stage);
  await readUntil(answer, 'id: 1');
  const ended = once(answer, 'end', { signal: AbortSignal.timeout(5_000) });
  answer.resume();
  await stage[Symbol.asyncDispose]();
  await ended;
});

test('a silent stream sends a comment every 15 s', async () => {
  const clock = new FakeClock();
  await using stage = await AppStage.start({}, { clock });
  const answer = await subscribe(stage);
  await readUntil(answer, 'retry: 2000\n\n');
  const nothing = once(answer, 'data', { signal: AbortSignal.timeout(5_000) });
  await clock.advance(15_000);
  expect((await nothing)[0]).toBe(': still here\n\n');
  const again = readUntil(answer, ': still here\n\n: still here\n\n');
  await clock.advance(30_000);
  await again;
  answer.destroy();
});

test('a stream ends after a quarter of an hour, and cannot be resumed with a revoked key', async () => {
  const clock = new FakeClock();
  let revoked = false;
  await using stage = await AppStage.start(
    {},
    {
      clock,
      random: () => 1,
      authenticate: async (...given) => {
        if (revoked) throw refusal('The API key is revoked');
        return authenticateByScope(...given);
      },
    },
  );
  stage.services.tell(status('1'));
  const first = await subscribe(stage);
  await readUntil(first, 'id: 1');
  const over = once(first.resume(), 'end', { signal: AbortSignal.timeout(5_000) });
  await clock.advance(899_999);
  expect(stage.services.open).toBe(1);
  await clock.advance(1);
  await over;

  stage.services.tell(status('2'));
  const second = await subscribe(stage, { 'last-event-id': '1' });
  expect(await readUntil(second, 'id: 2')).not.toContain('id: 1');
  revoked = true;
  second.destroy();
  expect((await subscribe(stage, { 'last-event-id': '2' })).statusCode).toBe(401);
});

test('streams that started together do not end together', async () => {
  const clock = new FakeClock();
  const chances = [0, 0.5];
  await using stage = await AppStage.start({}, { clock, random: () => chances.shift() ?? 1 });
  const ends: Promise<unknown>[] = [];
  for (let i = 0; i < 2; i++) {
    const answer = await subscribe(stage);
    await readUntil(answer, 'retry: 2000\n\n');
    ends.push(once(answer.resume(), 'end', { signal: AbortSignal.timeout(5_000) }));
  }
  await clock.advance(719_999);
  expect(stage.services.open).toBe(2);
  await clock.advance(1);
  await ends[0];
  expect(stage.services.open).toBe(1);
  await clock.advance(90_000);
  await ends[1];
});
