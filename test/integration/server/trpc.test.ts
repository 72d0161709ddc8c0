import { once } from 'node:events';
import { createServer } from 'node:http';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { TRPCClientError } from '@trpc/client';
import { eventually } from '../../support/wait/eventually.ts';
import { FakeClock } from '../../../src/base/testing/fake-clock.ts';
import { createLiveChannelClient, type LiveChannelClient } from '../../../src/client/client.ts';
import type { ServerEvent } from '../../../src/server/contract/events.ts';
import { ApiProblem } from '../../../src/server/problems.ts';
import { channelOnAir, relayStateOnAir } from '../../support/server/recording-services.ts';
import { TrpcStage } from '../../support/server/trpc-stage.ts';

let stage: TrpcStage;
let client: LiveChannelClient;
beforeEach(async () => {
  stage = await TrpcStage.start();
  client = createLiveChannelClient({ url: stage.url, token: 'admin' });
});
afterEach(async () => {
  await stage[Symbol.asyncDispose]();
});

async function errorOf(
  promise: Promise<unknown>,
): Promise<{ message: string; data: Record<string, unknown> }> {
  const error: unknown = await promise.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof TRPCClientError)) throw new Error(`no tRPC error: ${String(error)}`);
  return { message: error.message, data: { ...(error.data as object) } }; // checked by the tests
}

describe("the app's main calls", () => {
  test('relay.start starts the relay and returns its playback URL', async () => {
    expect(await client.relay.start.mutate({ channelId: 4711 })).toEqual({
      success: true,
      playbackUrl: 'https://hls.example/4711.m3u8',
      expiresAt: null,
      playbackProblem: null,
    });
    const passed = { agoraToken: '007eJxTYAg', agoraChannelName: 'live_4711' };
    await client.relay.start.mutate({ channelId: '4711', ...passed });
    expect(stage.services.asked).toEqual([
      ['startRelay', '4711', {}],
      ['startRelay', '4711', passed],
    ]);
  });

  test('relay.stop', async () => {
    expect(await client.relay.stop.mutate({ channelId: 'show-1' })).toEqual({ success: true });
    expect(stage.services.asked).toEqual([['stopRelay', 'show-1']]);
  });

  test('relay.status', async () => {
    expect(await client.relay.status.query({ channelId: 4711 })).toEqual(relayStateOnAir);
  });

  test('streaming.getPlaybackUrl', async () => {
    expect(await client.streaming.getPlaybackUrl.query({ channelId: 4711 })).toEqual({
      hlsUrl: 'https://hls.example/4711.m3u8',
      latency: 9,
      latencyMode: 'low',
      access: 'public',
      expiresAt: null,
      onAir: true,
    });
  });

  test('a channel ID is a number or a string, and nothing else', async () => {
    for (const wrong of [-1, 1.5, '', null, {}, true]) {
      const { data } = await errorOf(client.relay.status.query({ channelId: wrong as number })); // wrong on purpose
      expect(data).toMatchObject({ code: 'BAD_REQUEST', problem: { code: 'invalid-request' } });
    }
    expect(stage.services.asked).toEqual([]);
  });
});

describe('the other calls', () => {
  test('channels are created, read, listed, changed and ended', async () => {
    const settings = { streamMode: 'auto', budget: { usd: '5', per: 'hour' } } as const;
    expect(await client.channels.create.mutate({ id: 4711, ...settings, idempotencyKey: 'k' })).toEqual({
      channel: channelOnAir,
      etag: '"1"',
      created: true,
    });
    expect(await client.channels.get.query({ channelId: 4711 })).toEqual({
      channel: channelOnAir,
      etag: '"1"',
    });
    expect((await client.channels.list.query()).items).toEqual([channelOnAir]);
    await client.channels.update.mutate({ channelId: 4711, settings: { budget: null }, ifMatch: '"1"' });
    expect(await client.channels.end.mutate({ channelId: 4711 })).toEqual({ success: true });
    expect(stage.services.asked).toEqual([
      ['createChannel', { id: '4711', onAir: true, ...settings }, 'k'],
      ['channel', '4711'],
      ['listChannels', { limit: 50 }],
      ['changeChannel', '4711', { budget: null }, '"1"'],
      ['endChannel', '4711', undefined],
    ]);
  });

  test('figures, costs, alerts, platforms, Agora tokens and the audience', async () => {
    const time = { from: '2026-01-01T00:00:00Z', to: '2026-01-02T00:00:00Z' };
    await client.streaming.analytics.query({ channelId: 1, ...time });
    await client.streaming.playback.query({ channelId: 1, viewerId: 'buyer' });
    await client.costs.query(time);
    await client.usage.query({ channelId: 1 });
    await client.usage.query();
    await client.alerts.query({ open: true });
    await client.platforms.query();
    await client.prices.query();
    await client.budgets.query();
    await client.channels.history.query({ channelId: 1, ...time });
    await client.agoraToken.mutate({ channelId: 1, role: 'viewer', uid: 7 });
    await client.audience.report.mutate({ channelId: 1, agoraViewers: 12 });
    expect(stage.services.asked).toEqual(
      expect.arrayContaining([
        ['metrics', '1', { ...time, step: 60 }],
        ['playback', '1', 'buyer'],
        ['costs', time],
        ['usage', { channelId: '1' }],
        ['usage', {}],
        ['alerts', { open: true, limit: 50 }],
        ['platforms'],
        ['prices'],
        ['budgets'],
        ['history', '1', time],
        ['agoraToken', '1', { role: 'viewer', uid: 7, ttlSeconds: 3_600 }],
        ['reportAudience', '1', 12],
      ]),
    );
  });
});

describe('errors', () => {
  test('a problem of the service has a code and a remedy', async () => {
    stage.services.failure = new ApiProblem('stream-not-ready', 'ivs-eu is full.', { retryAfterSeconds: 5 });
    expect(await errorOf(client.relay.start.mutate({ channelId: 1 }))).toEqual({
      message: 'ivs-eu is full.',
      data: {
        code: 'SERVICE_UNAVAILABLE',
        httpStatus: 503,
        path: 'relay.start',
        problem: { code: 'stream-not-ready', detail: 'ivs-eu is full.', retryAfterSeconds: 5 },
      },
    });
  });

  test.each([
    ['channel-not-found', 'NOT_FOUND', 404],
    ['agora-only', 'CONFLICT', 409],
    ['precondition-failed', 'PRECONDITION_FAILED', 412],
    ['idempotency-key-reused', 'UNPROCESSABLE_CONTENT', 422],
    ['too-many-requests', 'TOO_MANY_REQUESTS', 429],
    ['timeout', 'GATEWAY_TIMEOUT', 504],
  ] as const)('%s is %s', async (problem, code, httpStatus) => {
    stage.services.failure = new ApiProblem(problem, 'So it is.');
    const { data } = await errorOf(client.relay.stop.mutate({ channelId: 1 }));
    expect(data).toMatchObject({ code, httpStatus, problem: { code: problem } });
  });

  test('input errors are reported by path', async () => {
    const { message, data } = await errorOf(
      client.channels.create.mutate({ id: 1, budget: { usd: 'much', per: 'hour' } }),
    );
    expect(message).toContain('budget.usd');
    expect(data['problem']).toMatchObject({
      code: 'invalid-request',
      errors: [expect.objectContaining({ path: 'budget.usd' })],
    });
  });

  test('an internal error reveals nothing', async () => {
    stage.services.failure = new TypeError('password is hunter2');
    const { message, data } = await errorOf(client.relay.stop.mutate({ channelId: 1 }));
    expect(message).toBe('The service failed. See its log under the request id.');
    expect(JSON.stringify(data)).not.toMatch(/hunter2|stack|\.ts/);
  });

  test('a missing procedure is not found', async () => {
    const answer = await fetch(`${stage.url}/trpc/no.such`, { headers: { authorization: 'Bearer admin' } });
    expect(answer.status).toBe(404);
    expect(await answer.json()).toMatchObject({ error: { data: { problem: { code: 'not-found' } } } });
  });

  test('a mutation cannot be called with GET', async () => {
    const answer = await fetch(`${stage.url}/trpc/relay.stop?input=%7B%22channelId%22%3A1%7D`, {
      headers: { authorization: 'Bearer admin' },
    });
    expect(answer.status).toBe(405);
    expect(stage.services.asked).toEqual([]);
  });

  test('wrong credentials get 401 with a challenge, and so do missing ones where they are required', async () => {
    const wrong = createLiveChannelClient({ url: stage.url, token: 'wrong' });
    expect((await errorOf(wrong.relay.status.query({ channelId: 1 }))).data).toMatchObject({
      code: 'UNAUTHORIZED',
      problem: { code: 'not-authenticated' },
    });
    const answer = await fetch(`${stage.url}/trpc/relay.status?input=%7B%22channelId%22%3A1%7D`);
    expect([answer.status, answer.headers.get('www-authenticate')]).toEqual([401, 'Bearer']);
  });

  test('an insufficient scope is rejected with the required ones', async () => {
    const viewer = createLiveChannelClient({ url: stage.url, token: 'playback' });
    expect((await errorOf(viewer.relay.start.mutate({ channelId: 1 }))).data).toMatchObject({
      code: 'FORBIDDEN',
      problem: { code: 'not-allowed', scope: 'operate' },
    });
  });
});

describe('batches', () => {
  test('calls of the same tick share one request, and a failed one does not affect the others', async () => {
    const viewer = createLiveChannelClient({ url: stage.url, token: 'playback' });
    const [status, start] = await Promise.allSettled([
      viewer.relay.status.query({ channelId: 1 }),
      viewer.streaming.getPlaybackUrl.query({ channelId: 2 }),
      viewer.costs.query({ from: '2026-01-01T00:00:00Z', to: '2026-01-02T00:00:00Z' }),
    ]);
    expect([status.status, start.status]).toEqual(['fulfilled', 'fulfilled']);
  });

  test('the client splits larger batches; the server rejects too large ones as a whole', async () => {
    const calls = Array.from({ length: 45 }, (_, id) => client.relay.status.query({ channelId: id }));
    expect(await Promise.all(calls)).toHaveLength(45);
    stage.services.asked.length = 0;
    const path = Array.from({ length: 21 }, () => 'relay.status').join(',');
    const input = Object.fromEntries(Array.from({ length: 21 }, (_, id) => [id, { channelId: id }]));
    const query = new URLSearchParams({ batch: '1', input: JSON.stringify(input) }).toString();
    const answer = await fetch(`${stage.url}/trpc/${path}?${query}`, {
      headers: { authorization: 'Bearer admin' },
    });
    expect(answer.status).toBe(400);
    expect(stage.services.asked).toEqual([]);
  });

  test('the token is requested again for each request, and once more when it is refused', async () => {
    const tokens = ['wrong', 'wrong, too', 'wrong', 'admin', 'admin'];
    const changing = createLiveChannelClient({
      url: `${stage.url}/trpc/`,
      token: async () => tokens.shift(),
    });
    await errorOf(changing.relay.status.query({ channelId: 1 }));
    expect(tokens).toHaveLength(3);
    expect(await changing.relay.status.query({ channelId: 1 })).toMatchObject({ isActive: true });
    expect(await changing.relay.status.query({ channelId: 1 })).toMatchObject({ isActive: true });
    expect(tokens).toEqual([]);
  });
});

describe('subscriptions', () => {
  const status = (id: string): ServerEvent => ({ type: 'status', id, channel: channelOnAir });

  /** Subscribes and records the events. */
  function listen(from: LiveChannelClient = client, channelId: number | null = 4711) {
    const received: string[] = [];
    const errors: TRPCClientError<never>[] = [];
    let started = 0;
    const handlers = {
      onData: ({ id, data }: { id: string; data: ServerEvent }) => received.push(`${id} ${data.type}`),
      onError: (error: unknown) => errors.push(error as TRPCClientError<never>), // the client's own type
      onStarted: () => (started += 1),
    };
    const subscription =
      channelId === null
        ? from.events.all.subscribe(undefined, handlers)
        : from.events.channel.subscribe({ channelId }, handlers);
    return { heard: received, errors, started: () => started, stop: () => subscription.unsubscribe() };
  }

  test('deliver events of a channel with their IDs', async () => {
    const listening = listen();
    await eventually('a subscriber', 15, () => stage.services.open === 1);
    stage.services.tell(status('1'));
    stage.services.tell({
      type: 'mode',
      id: '2',
      channelId: '4711',
      mode: 'agora-only',
      at: '2026-01-01T00:00:00.000Z',
      message: '3 viewers cost $0.72/h on Agora, $2.00/h on ivs-eu',
    });
    await eventually('two events', 15, () => listening.heard.length === 2);
    expect(listening.heard).toEqual(['1 status', '2 mode']);
    expect(stage.services.asked).toEqual([['events', '4711', undefined]]);
    listening.stop();
    await eventually('the end of the subscription', 15, () => stage.services.open === 0);
  });

  test('of all channels', async () => {
    const listening = listen(client, null);
    await eventually('a subscriber', 15, () => stage.services.open === 1);
    stage.services.tell(status('1'));
    await eventually('an event', 15, () => listening.heard.length === 1);
    expect(stage.services.asked).toEqual([['events', undefined, undefined]]);
    listening.stop();
  });

  test('resume after the last event when the connection was lost: no event is lost or repeated', async () => {
    const listening = listen();
    await eventually('a subscriber', 15, () => stage.services.open === 1);
    stage.services.tell(status('1'));
    stage.services.tell(status('2'));
    await eventually('two events', 15, () => listening.heard.length === 2);
    stage.app.server.closeAllConnections();
    await eventually('the server has detected it', 15, () => stage.services.open === 0);
    stage.services.tell(status('3'));
    stage.services.tell(status('4'));
    await eventually('the remaining events', 15, () => listening.heard.length >= 4);
    expect(listening.heard).toEqual(['1 status', '2 status', '3 status', '4 status']);
    expect(stage.services.asked.at(-1)).toEqual(['events', '4711', '2']);
    listening.stop();
  });

  test('resume by themselves after the service has ended them', async () => {
    const listening = listen();
    await eventually('a subscriber', 15, () => stage.services.open === 1);
    // After it, these services throw subscriber-too-slow.
    stage.services.tell({ type: 'ended', id: '1', channelId: '4711' });
    await eventually('another subscription', 15, () => stage.services.asked.length >= 2);
    stage.services.tell(status('2'));
    await eventually('the next event', 15, () => listening.heard.includes('2 status'));
    expect(listening.heard).toEqual(['1 ended', '2 status']);
    listening.stop();
  });

  test('resume after a temporary error of the service', async () => {
    await stage.app.close();
    const port = Number(new URL(stage.url).port);
    let answered = 0;
    const busy = createServer((_request, response) => {
      answered += 1;
      response.writeHead(503).end('{}');
    });
    await once(busy.listen(port, '127.0.0.1'), 'listening');
    const listening = listen();
    await eventually('an attempt', 15, () => answered > 0);
    busy.close();
    busy.closeAllConnections();
    await once(busy, 'close');
    stage = await TrpcStage.start({}, port);
    await eventually('a subscriber', 15, () => stage.services.open === 1);
    expect(listening.errors).toEqual([]);
    listening.stop();
  });

  test('end when the server closes, and resume at another server', async () => {
    const listening = listen();
    await eventually('a subscriber', 15, () => stage.services.open === 1);
    stage.services.tell(status('1'));
    await eventually('an event', 15, () => listening.heard.length === 1);
    await stage.app.close();
    expect(stage.services.open).toBe(0);
    stage = await TrpcStage.start({}, Number(new URL(stage.url).port));
    for (const id of ['1', '2']) stage.services.tell(status(id));
    await eventually('the next event', 15, () => listening.heard.length === 2);
    expect(listening.heard).toEqual(['1 status', '2 status']);
    listening.stop();
  });

  test('end after a quarter of an hour and resume, unless the key was revoked', async () => {
    await stage[Symbol.asyncDispose]();
    const clock = new FakeClock();
    stage = await TrpcStage.start({ clock });
    let token = 'admin';
    const listening = listen(createLiveChannelClient({ url: stage.url, token: () => token }));
    await eventually('a subscriber', 15, () => stage.services.open === 1);
    stage.services.tell(status('1'));
    await eventually('an event', 15, () => listening.heard.length === 1);
    await clock.advance(900_000);
    await eventually('the end of the subscription', 15, () => stage.services.open === 0);
    stage.services.tell(status('2'));
    await eventually('the next event', 15, () => listening.heard.length === 2);
    expect(listening.heard).toEqual(['1 status', '2 status']);
    token = 'revoked';
    await clock.advance(900_000);
    await eventually('an error', 15, () => listening.errors.length > 0);
    expect(listening.errors[0]?.data).toMatchObject({ problem: { code: 'not-authenticated' } });
    listening.stop();
  });

  test('with wrong credentials are rejected with 401', async () => {
    const address = `${stage.url}/trpc/events.channel?input=${encodeURIComponent('{"channelId":1}')}`;
    const headers = { accept: 'text/event-stream', authorization: 'Bearer wrong' };
    const answer = await fetch(address, { headers });
    expect(answer.status).toBe(401);
    expect(await answer.json()).toMatchObject({
      error: { data: { problem: { code: 'not-authenticated' } } },
    });
    expect(stage.services.open).toBe(0);
  });

  test('report a missing right to the client', async () => {
    const wrong = listen(createLiveChannelClient({ url: stage.url, token: 'wrong' }));
    const viewer = listen(createLiveChannelClient({ url: stage.url, token: 'playback' }), null);
    await eventually('both errors', 15, () => wrong.errors.length > 0 && viewer.errors.length > 0);
    expect(wrong.errors[0]?.data).toMatchObject({
      code: 'UNAUTHORIZED',
      problem: { code: 'not-authenticated' },
    });
    expect(viewer.errors[0]?.data).toMatchObject({ code: 'FORBIDDEN', problem: { scope: 'operate' } });
    wrong.stop();
    viewer.stop();
  });
});
