import { gzipSync } from 'node:zlib';
import { expect, test } from '@jest/globals';
import { type ApiProblem } from '../../../src/server/problems.ts';
import type { CallContext } from '../../../src/server/service.ts';
import { AppStage, asAdmin } from '../../support/server/app-stage.ts';
import { relayStateOnAir } from '../../support/server/recording-services.ts';

test('playback requires credentials unless public playback is enabled, which enables nothing else', async () => {
  await using closed = await AppStage.start();
  expect((await closed.app.inject('/v1/channels/1/playback')).statusCode).toBe(401);
  await using open = await AppStage.start({ LIVECHANNEL_API_PUBLIC_PLAYBACK: true });
  expect((await open.app.inject('/v1/channels/1/playback')).statusCode).toBe(200);
  expect((await open.app.inject('/v1/channels/1/relay')).json()).toEqual(relayStateOnAir);
  const complain = { method: 'POST', url: '/v1/channels/1/feedback', payload: { kind: 'lag' } } as const;
  expect((await closed.app.inject(complain)).statusCode).toBe(401);
  expect((await open.app.inject(complain)).statusCode).toBe(204);
  for (const url of [
    '/v1/channels/1',
    '/v1/channels',
    '/v1/costs?from=2026-01-01T00:00:00Z&to=2026-01-02T00:00:00Z',
    '/v1/events',
  ])
    expect([url, (await open.app.inject(url)).statusCode]).toEqual([url, 401]);
});

test('invalid credentials are rejected, even if none are required', async () => {
  await using stage = await AppStage.start({ LIVECHANNEL_API_PUBLIC_PLAYBACK: true });
  const answer = await stage.app.inject({
    url: '/v1/channels/1/playback',
    headers: { authorization: 'Bearer wrong' },
  });
  expect(answer.json()).toMatchObject({ status: 401, code: 'not-authenticated' });
  expect(answer.headers['www-authenticate']).toMatch(/^Bearer/);
});

test('an insufficient scope is named', async () => {
  await using stage = await AppStage.start();
  const answer = await stage.app.inject({
    method: 'DELETE',
    url: '/v1/channels/1',
    headers: { authorization: 'Bearer playback' },
  });
  expect(answer.json()).toMatchObject({ status: 403, code: 'not-allowed', scope: 'operate' });
  expect(stage.services.asked).toEqual([]);
});

test('a caller over the rate limit receives the time of the next attempt', async () => {
  await using stage = await AppStage.start({ LIVECHANNEL_API_RATE_LIMIT: 2 });
  const ask = async () => stage.app.inject({ url: '/v1/channels/1', headers: asAdmin });
  await ask();
  expect((await ask()).statusCode).toBe(200);
  const answer = await ask();
  expect(answer.json()).toMatchObject({ status: 429, code: 'too-many-requests' });
  expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0);
  const other = await stage.app.inject({
    url: '/v1/channels/1',
    headers: { authorization: 'Bearer playback' },
  });
  expect(other.statusCode).toBe(200);
});

test('pages of configured origins may call it, others may not', async () => {
  await using stage = await AppStage.start();
  const preflight = async (origin: string) =>
    stage.app.inject({
      method: 'OPTIONS',
      url: '/v1/channels/1',
      headers: {
        origin,
        'access-control-request-method': 'PATCH',
        'access-control-request-headers': 'authorization',
      },
    });
  const own = await preflight('https://shop.example');
  expect(own.statusCode).toBe(204);
  expect(own.headers['access-control-allow-origin']).toBe('https://shop.example');
  expect((await preflight('https://evil.example')).headers['access-control-allow-origin']).toBeUndefined();
});

test('without credentials no part of the API is accessible', async () => {
  await using stage = await AppStage.start();
  const paths = new Map<string, object>(Object.entries(stage.app.swagger().paths ?? {}));
  const open: string[] = [];
  const bodies: Readonly<Record<string, object>> = {
    channels: { id: 1 },
    'agora-token': { role: 'host', uid: 1 },
    audience: { agoraViewers: 1 },
  };
  for (const [path, operations] of paths)
    for (const method of Object.keys(operations)) {
      const answer = await stage.app.inject({
        method:
          method === 'get'
            ? 'GET'
            : method === 'put'
              ? 'PUT'
              : method === 'post'
                ? 'POST'
                : method === 'patch'
                  ? 'PATCH'
                  : 'DELETE',
        url: path.replace('{id}', '1'),
        query: { from: '2026-01-01T00:00:00Z', to: '2026-01-02T00:00:00Z' },
        ...(method === 'get' || method === 'delete'
          ? {}
          : { payload: bodies[path.split('/').at(-1) ?? ''] ?? {} }),
      });
      if (answer.statusCode !== 401) open.push(`${method} ${path}: ${String(answer.statusCode)}`);
    }
  // It has a signature instead of credentials, and is disabled without a secret for that.
  expect(open).toEqual(['post /v1/agora/notifications: 404']);
});

test('a request that is not answered in time returns 504, for REST and for tRPC', async () => {
  await using stage = await AppStage.start({ LIVECHANNEL_API_REQUEST_TIMEOUT_SECONDS: 1 });
  stage.services.relay = ({ signal }: CallContext) =>
    new Promise((_resolve, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason as ApiProblem)); // As the interface of the services requires.
    });
  const [rest, trpc] = await Promise.all([
    stage.app.inject({ url: '/v1/channels/1/relay', headers: asAdmin }),
    stage.app.inject({ url: '/trpc/relay.status?input=%7B%22channelId%22%3A1%7D', headers: asAdmin }),
  ]);
  expect([rest.statusCode, rest.json()]).toMatchObject([504, { code: 'timeout' }]);
  expect([trpc.statusCode, trpc.json()]).toMatchObject([
    504,
    { error: { data: { code: 'GATEWAY_TIMEOUT', problem: { code: 'timeout' } } } },
  ]);
});

test('a compressed body is rejected as unsupported, for REST and for tRPC, after authentication', async () => {
  await using stage = await AppStage.start();
  const send = async (url: string, headers: Record<string, string>) =>
    stage.app.inject({
      method: 'POST',
      url,
      headers: { 'content-type': 'application/json', ...headers },
      payload: gzipSync('{"id":"1"}'),
    });
  const packed = { 'content-encoding': 'gzip' };
  const rest = await send('/v1/channels', { ...asAdmin, ...packed });
  expect([rest.statusCode, rest.json()]).toMatchObject([415, { code: 'unsupported-media-type' }]);
  expect(rest.headers['accept-encoding']).toBe('identity');
  const trpc = await send('/trpc/channels.create', { ...asAdmin, ...packed });
  expect(trpc.json()).toMatchObject({
    error: { data: { httpStatus: 415, problem: { code: 'unsupported-media-type' } } },
  });
  for (const url of ['/v1/channels', '/trpc/channels.create'])
    expect((await send(url, packed)).statusCode).toBe(401);
  expect(stage.services.asked).toEqual([]);
});

test('faults of a request are shown to callers with permission only', async () => {
  await using stage = await AppStage.start();
  const send = async (url: string, headers: Record<string, string>) =>
    (
      await stage.app.inject({
        method: 'POST',
        url,
        headers: { 'content-type': 'application/json', ...headers },
        payload: '{"id": []}',
      })
    ).statusCode;
  for (const url of ['/v1/channels', '/trpc/channels.create']) {
    expect([url, await send(url, {})]).toEqual([url, 401]);
    expect([url, await send(url, { authorization: 'Bearer playback' })]).toEqual([url, 403]);
    expect([url, await send(url, asAdmin)]).toEqual([url, 400]);
  }
});
