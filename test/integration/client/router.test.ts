import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { ChildProcess } from 'node:child_process';
import {
  createTRPCUntypedClient,
  httpLink,
  httpSubscriptionLink,
  splitLink,
  type TRPCUntypedClient,
} from '@trpc/client';
import type { AnyTRPCRouter } from '@trpc/server';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { EventSource } from 'eventsource';
import { ApiProblem } from '../../../src/server/problems.ts';
import { end, InstalledApp } from '../../support/client/installed-app.ts';
import { channelOnAir } from '../../support/server/recording-services.ts';
import { TrpcStage } from '../../support/server/trpc-stage.ts';
import { eventually } from '../../support/wait/eventually.ts';

// npm installs packages.
jest.setTimeout(180_000);

/** An app with its own tRPC server, context, errors and procedures; it prints its port. */
const server = `
  import { createServer } from 'node:http';
  import { initTRPC, TRPCError, tracked } from '@trpc/server';
  import { createHTTPHandler } from '@trpc/server/adapters/standalone';
  import { createLiveChannelClient, problemOf } from '@livechannel/client';
  import { createChannelEvents, createLiveChannelRouter } from '@livechannel/client/trpc';

  const t = initTRPC.context().create({
    errorFormatter: ({ shape, error }) => {
      const problem = problemOf(error.cause);
      return {
        ...shape,
        data: {
          ...shape.data,
          real: error instanceof TRPCError,
          liveChannel: problem && { code: problem.code, retryAfterSeconds: problem.retryAfterSeconds },
        },
      };
    },
  });
  const client = createLiveChannelClient({ url: process.env.SERVICE_URL, token: process.env.TOKEN });
  const authorize = (ctx, channelId, scope) => {
    if (ctx.user === undefined) throw new TRPCError({ code: 'UNAUTHORIZED', message: 'Log in first.' });
    return scope === 'playback' || ctx.user === 'seller-' + channelId;
  };
  const router = t.router({
    ...createLiveChannelRouter(t, {
      client,
      authorize,
      viewerId: (ctx) => ctx.user,
      agora: (ctx, channelId) => (channelId === '4712' ? { agoraToken: '007token', agoraChannelName: 'live_4712' } : {}),
      labels: (ctx) => ({ seller: ctx.user }),
    }),
    events: createChannelEvents(t, { client, authorize, tracked }),
    own: t.procedure.query(() => 'own'),
  });
  const createContext = ({ req, info }) => ({ user: req.headers['x-user'] ?? info.connectionParams?.user });
  const http = createServer(createHTTPHandler({ router, createContext }));
  http.listen(0, '127.0.0.1', () => console.log(http.address().port));
`;

let app: InstalledApp;
let service: TrpcStage;
const running: ChildProcess[] = [];
beforeAll(async () => {
  app = await InstalledApp.create();
  await app.write('server.mjs', server);
});
afterAll(() => app[Symbol.asyncDispose]());
beforeEach(async () => {
  service = await TrpcStage.start();
});
afterEach(async () => {
  await Promise.all(running.splice(0).map(end));
  await service[Symbol.asyncDispose]();
});

/** Starts the app; `user` is who is logged in. */
async function appOf(user: string | undefined, token = 'operate'): Promise<TRPCUntypedClient<AnyTRPCRouter>> {
  const child = app.start('server.mjs', { SERVICE_URL: service.url, TOKEN: token });
  running.push(child);
  if (child.stdout === null) throw new Error('the app has no output');
  const [port] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
  const url = `http://127.0.0.1:${port}`;
  return createTRPCUntypedClient<AnyTRPCRouter>({
    links: [
      splitLink({
        condition: ({ type }) => type === 'subscription',
        true: httpSubscriptionLink({
          url,
          EventSource,
          connectionParams: user === undefined ? {} : { user },
        }),
        false: httpLink({ url, headers: user === undefined ? {} : { 'x-user': user } }),
      }),
    ],
  });
}

const channel = { channelId: '4711' };
const refusal = (code: string, more: object = {}): unknown =>
  expect.objectContaining({ data: expect.objectContaining({ code, real: true, ...more }) });

describe("the routers in an app's own tRPC server", () => {
  test("return exactly the outputs of the app's contract", async () => {
    const shop = await appOf('seller-4711');
    expect(await shop.mutation('relay.start', channel)).toEqual({
      success: true,
      playbackUrl: 'https://hls.example/4711.m3u8',
    });
    expect(await shop.query('relay.status', channel)).toEqual({
      isActive: true,
      viewerCount: 42,
      bitrate: 2_500,
      health: 'fair',
    });
    expect(await shop.query('streaming.getPlaybackUrl', channel)).toEqual({
      hlsUrl: 'https://hls.example/4711.m3u8',
      latency: 9,
    });
    expect(await shop.mutation('relay.stop', channel)).toEqual({ success: true });
    expect(await shop.query('own')).toBe('own');
    // The address is requested for this viewer.
    expect(service.services.asked).toContainEqual(['playback', '4711', 'seller-4711']);
  });

  test('start the relay with the Agora token that the app signs and with its labels', async () => {
    const shop = await appOf('seller-4712');
    await shop.mutation('relay.start', { channelId: 4712 });
    expect(service.services.asked).toEqual([
      [
        'startRelay',
        '4712',
        { agoraToken: '007token', agoraChannelName: 'live_4712', labels: { seller: 'seller-4712' } },
      ],
    ]);
  });

  test('let a buyer watch, and not start or stop', async () => {
    const shop = await appOf('buyer-1');
    await shop.query('streaming.getPlaybackUrl', channel);
    await expect(shop.mutation('relay.start', channel)).rejects.toEqual(refusal('FORBIDDEN'));
    await expect(shop.mutation('relay.stop', channel)).rejects.toEqual(refusal('FORBIDDEN'));
    await expect(shop.mutation('relay.start', { channelId: '' })).rejects.toEqual(refusal('BAD_REQUEST'));
    expect(service.services.asked.map(([operation]) => operation)).toEqual(['playback']);
  });

  test("pass on what the app's authorization throws", async () => {
    const shop = await appOf(undefined);
    await expect(shop.query('relay.status', channel)).rejects.toEqual(refusal('UNAUTHORIZED'));
    expect(service.services.asked).toEqual([]);
  });

  test.each([
    ['channel-not-found', 'NOT_FOUND', undefined],
    ['agora-only', 'CONFLICT', undefined],
    ['stream-not-ready', 'SERVICE_UNAVAILABLE', 5],
  ] as const)(
    'turn %s into a TRPCError with the problem as cause',
    async (problem, code, retryAfterSeconds) => {
      const shop = await appOf('seller-4711');
      service.services.failure = new ApiProblem(
        problem,
        'Why.',
        retryAfterSeconds === undefined ? {} : { retryAfterSeconds },
      );
      const liveChannel = {
        code: problem,
        ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
      };
      await expect(shop.mutation('relay.start', channel)).rejects.toEqual(refusal(code, { liveChannel }));
    },
  );

  test("do not log the app's user out when the service refuses the app's token", async () => {
    const shop = await appOf('seller-4711', 'revoked');
    await expect(shop.query('relay.status', channel)).rejects.toEqual(
      refusal('INTERNAL_SERVER_ERROR', { liveChannel: { code: 'not-authenticated' } }),
    );
  });

  test('say that the service cannot be reached', async () => {
    const shop = await appOf('seller-4711');
    await service.app.close();
    await expect(shop.query('relay.status', channel)).rejects.toEqual(refusal('SERVICE_UNAVAILABLE'));
  });
});

describe('events in an app', () => {
  test('are passed on with their IDs, resume, and end with the subscriber', async () => {
    const shop = await appOf('buyer-1');
    service.services.tell({ type: 'snapshot', id: '1', channel: channelOnAir });
    const received: unknown[] = [];
    const subscription = shop.subscription(
      'events',
      { ...channel, lastEventId: '0' },
      { onData: (event) => received.push(event) },
    );
    await eventually('the first event', 15, () => received.length === 1);
    const mode = {
      type: 'mode',
      id: '2',
      channelId: '4711',
      mode: 'agora-only',
      at: '2026-01-01T00:00:00Z',
    } as const;
    service.services.tell({ ...mode, message: 'Cheaper.' });
    await eventually('the second event', 15, () => received.length === 2);
    expect(received).toMatchObject([
      { id: '1', data: { type: 'snapshot', channel: { id: '4711' } } },
      { id: '2', data: { type: 'mode', mode: 'agora-only' } },
    ]);
    expect(service.services.asked).toEqual([['events', '4711', '0']]);
    subscription.unsubscribe();
    await eventually('the end of the subscription at the service', 15, () => service.services.open === 0);
  });

  test('have live numbers for the seller, and none for a buyer of the same channel', async () => {
    const channels = [
      {
        ...{ channelId: '4711', at: '2026-01-01T00:00:00Z', agoraViewers: 2, hlsViewers: 40 },
        ...({ bitrateKbps: 2_500, health: 'good', media: null } as const),
      },
    ];
    const numbers = { type: 'numbers', id: '1', at: '2026-01-01T00:00:00Z', channels } as const;
    service.services.tell({ ...numbers, channels });
    service.services.tell({ type: 'snapshot', id: '2', channel: channelOnAir });
    const typesFor = async (user: string): Promise<unknown[]> => {
      const shop = await appOf(user);
      const types: unknown[] = [];
      shop.subscription(
        'events',
        { ...channel, lastEventId: '0' },
        { onData: (event) => types.push((event as { data: { type: string } }).data.type) },
      );
      await eventually('the snapshot', 15, () => types.includes('snapshot'));
      return types;
    };
    expect(await typesFor('buyer-1')).toEqual(['snapshot']);
    expect(await typesFor('seller-4711')).toEqual(['numbers', 'snapshot']);
  });

  test('are refused like any other call', async () => {
    const shop = await appOf(undefined);
    const errors: unknown[] = [];
    shop.subscription('events', channel, { onError: (error) => errors.push(error) });
    await eventually('the refusal', 15, () => errors.length === 1);
    expect(errors).toMatchObject([{ data: { code: 'UNAUTHORIZED' } }]);
  });

  test('report a refusal of the service', async () => {
    const shop = await appOf('buyer-1');
    service.services.failure = new ApiProblem('channel-not-found', 'There is no channel 4711.');
    const errors: unknown[] = [];
    shop.subscription('events', channel, { onError: (error) => errors.push(error) });
    await eventually('the refusal', 15, () => errors.length === 1);
    expect(errors).toMatchObject([
      {
        message: 'There is no channel 4711.',
        data: { code: 'NOT_FOUND', liveChannel: { code: 'channel-not-found' } },
      },
    ]);
  });
});
