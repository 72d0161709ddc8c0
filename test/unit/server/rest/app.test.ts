import { describe, expect, test } from '@jest/globals';
import { Problem } from '../../../../src/server/problems.ts';
import { channelOnAir, relayOnAir } from '../trpc/recording-services.ts';
import { AppStage, asAdmin } from './app-stage.ts';

const json = { ...asAdmin, 'content-type': 'application/json' };

describe('channels', () => {
  test('a new one answers 201 with its address and ETag, under the key given', async () => {
    await using stage = await AppStage.start();
    const answer = await stage.app.inject({
      method: 'POST',
      url: '/v1/channels',
      headers: { ...json, 'idempotency-key': 'k-1' },
      payload: { id: 4711 },
    });
    expect(answer.statusCode).toBe(201);
    expect(answer.headers).toMatchObject({ location: '/v1/channels/4711', etag: '"1"' });
    expect(answer.json()).toEqual(channelOnAir);
    expect(stage.services.asked).toEqual([['createChannel', { id: '4711', onAir: false }, 'k-1']]);
  });

  test('one that is as the client has it is answered 304, without a body', async () => {
    await using stage = await AppStage.start();
    for (const known of ['"1"', 'W/"1"', '"0", "1"', '*']) {
      const answer = await stage.app.inject({
        url: '/v1/channels/4711',
        headers: { ...asAdmin, 'if-none-match': known },
      });
      expect([known, answer.statusCode, answer.body]).toEqual([known, 304, '']);
    }
    const changed = await stage.app.inject({
      url: '/v1/channels/4711',
      headers: { ...asAdmin, 'if-none-match': '"0"' },
    });
    expect(changed.statusCode).toBe(200);
  });

  test('a change goes with the If-Match, and null in it takes the budget away', async () => {
    await using stage = await AppStage.start();
    const answer = await stage.app.inject({
      method: 'PATCH',
      url: '/v1/channels/4711',
      headers: { ...json, 'if-match': '"1"', 'content-type': 'application/merge-patch+json' },
      payload: JSON.stringify({ budget: null, maxResolution: '720p' }),
    });
    expect(answer.statusCode).toBe(200);
    expect(answer.headers.etag).toBe('"2"');
    expect(stage.services.asked).toEqual([
      ['changeChannel', '4711', { budget: null, maxResolution: '720p' }, '"1"'],
    ]);
  });

  test('the next page is in the header Link, with the filters of this one', async () => {
    await using stage = await AppStage.start();
    stage.services.listChannels = async () => ({ items: [channelOnAir], next: 'a b' });
    const answer = await stage.app.inject({
      url: '/v1/channels?limit=1&platform=ivs-eu&after=a',
      headers: asAdmin,
    });
    expect(answer.headers.link).toBe('</v1/channels?limit=1&platform=ivs-eu&after=a+b>; rel="next"');
    expect(answer.json()).toEqual({ items: [channelOnAir], next: 'a b' });
  });

  test('an id of any text is read from the path', async () => {
    await using stage = await AppStage.start();
    const id = 'Schöne Show/1?';
    await stage.app.inject({ url: `/v1/channels/${encodeURIComponent(id)}`, headers: asAdmin });
    expect(stage.services.asked).toEqual([['channel', id]]);
  });

  test('ending and stopping answer 202', async () => {
    await using stage = await AppStage.start();
    for (const url of ['/v1/channels/1', '/v1/channels/1/relay']) {
      const answer = await stage.app.inject({ method: 'DELETE', url, headers: asAdmin });
      expect([url, answer.statusCode, answer.body]).toEqual([url, 202, '']);
    }
  });
});

describe('playback', () => {
  test('one link leads to wherever the channel is, and nobody keeps where that was', async () => {
    await using stage = await AppStage.start();
    const answer = await stage.app.inject({
      url: '/v1/channels/1/playback?redirect=1&viewer=v',
      headers: asAdmin,
    });
    expect(answer.statusCode).toBe(302);
    expect(answer.headers).toMatchObject({
      location: 'https://hls.example/4711.m3u8',
      'cache-control': 'no-store',
    });
    expect(stage.services.asked).toEqual([['playback', '1', 'v']]);
  });

  test('is for nobody without credentials, unless it is switched on; then nothing else is', async () => {
    await using closed = await AppStage.start();
    expect((await closed.app.inject('/v1/channels/1/playback')).statusCode).toBe(401);
    await using open = await AppStage.start({ LIVECHANNEL_API_PUBLIC_PLAYBACK: true });
    expect((await open.app.inject('/v1/channels/1/playback')).statusCode).toBe(200);
    expect((await open.app.inject('/v1/channels/1/relay')).json()).toEqual(relayOnAir);
    for (const url of [
      '/v1/channels/1',
      '/v1/channels',
      '/v1/costs?from=2026-01-01T00:00:00Z&to=2026-01-02T00:00:00Z',
      '/v1/events',
    ])
      expect([url, (await open.app.inject(url)).statusCode]).toEqual([url, 401]);
  });
});

describe('what goes wrong', () => {
  test.each([
    { name: 'no such path', url: '/v1/nothing', status: 404, code: 'not-found' },
    { name: 'another method', method: 'POST', url: '/v1/platforms', status: 405, code: 'method-not-allowed' },
    {
      name: 'broken JSON',
      method: 'POST',
      url: '/v1/channels',
      payload: '{',
      status: 400,
      code: 'invalid-request',
    },
    {
      name: 'no body',
      method: 'POST',
      url: '/v1/channels',
      payload: '',
      status: 400,
      code: 'invalid-request',
    },
    {
      name: 'not valid',
      method: 'POST',
      url: '/v1/channels',
      payload: '{"id":-1}',
      status: 400,
      code: 'invalid-request',
    },
    {
      name: 'too much',
      method: 'POST',
      url: '/v1/channels',
      payload: `{"id":"${'a'.repeat(70_000)}"}`,
      status: 413,
      code: 'too-large',
    },
    { name: 'broken path', url: '/v1/channels/%zz', status: 400, code: 'invalid-request' },
    {
      name: 'a path too long',
      url: `/v1/channels/${'a'.repeat(2_000)}`,
      status: 400,
      code: 'invalid-request',
    },
  ] as const)('$name is a problem', async ({ url, status, code, ...given }) => {
    await using stage = await AppStage.start();
    const method = 'method' in given ? given.method : 'GET';
    const payload = 'payload' in given ? { payload: given.payload } : {};
    const answer = await stage.app.inject({ url, method, headers: json, ...payload });
    expect(answer.headers['content-type']).toMatch(/^application\/problem\+json/);
    expect(answer.json()).toMatchObject({ status, code, type: `https://livechannel.dev/problems/${code}` });
    expect(answer.statusCode).toBe(status);
    if (status === 405) expect(answer.headers.allow).toBe('GET, HEAD');
  });

  test('a body of another kind is 415', async () => {
    await using stage = await AppStage.start();
    const answer = await stage.app.inject({
      method: 'POST',
      url: '/v1/channels',
      headers: { ...asAdmin, 'content-type': 'text/csv' },
      payload: 'id',
    });
    expect(answer.json()).toMatchObject({ status: 415, code: 'unsupported-media-type' });
  });

  test('faults name where they are', async () => {
    await using stage = await AppStage.start();
    const answer = await stage.app.inject({
      method: 'POST',
      url: '/v1/channels',
      headers: json,
      payload: { id: 1, playback: { latency: 'none' } },
    });
    expect(answer.json()).toMatchObject({ errors: [{ path: 'playback.latency' }] });
  });

  test('a fault of the service tells nothing of itself, but under which id it is logged', async () => {
    await using stage = await AppStage.start();
    stage.services.failure = new TypeError('a secret of the inside');
    const answer = await stage.app.inject({
      url: '/v1/channels/1',
      headers: { ...asAdmin, 'x-request-id': 'r-1' },
    });
    expect(answer.statusCode).toBe(500);
    expect(answer.body).not.toContain('secret');
    expect(answer.json()).toMatchObject({ code: 'internal', instance: 'urn:livechannel:request:r-1' });
    expect(answer.headers['x-request-id']).toBe('r-1');
  });

  test('a problem has its headers', async () => {
    await using stage = await AppStage.start();
    stage.services.failure = new Problem('stream-not-ready', 'ivs-eu is full.', { retryAfterSeconds: 5 });
    const answer = await stage.app.inject({ method: 'PUT', url: '/v1/channels/1/relay', headers: asAdmin });
    expect(answer.statusCode).toBe(503);
    expect(answer.headers['retry-after']).toBe('5');
  });

  test('wrong credentials are refused, also where none are needed', async () => {
    await using stage = await AppStage.start({ LIVECHANNEL_API_PUBLIC_PLAYBACK: true });
    const answer = await stage.app.inject({
      url: '/v1/channels/1/playback',
      headers: { authorization: 'Bearer wrong' },
    });
    expect(answer.json()).toMatchObject({ status: 401, code: 'not-authenticated' });
    expect(answer.headers['www-authenticate']).toMatch(/^Bearer/);
  });

  test('a scope that does not reach is named', async () => {
    await using stage = await AppStage.start();
    const answer = await stage.app.inject({
      method: 'DELETE',
      url: '/v1/channels/1',
      headers: { authorization: 'Bearer playback' },
    });
    expect(answer.json()).toMatchObject({ status: 403, code: 'not-allowed', scope: 'operate' });
    expect(stage.services.asked).toEqual([]);
  });

  test('who asks too often is told when to come back', async () => {
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
});

test('pages of the origins that are set may call it, others may not', async () => {
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

test('a caller without credentials learns of no path but those of the documentation', async () => {
  await using stage = await AppStage.start();
  const paths = new Map<string, object>(Object.entries(stage.app.swagger().paths ?? {}));
  const open: string[] = [];
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
          : { payload: { id: 1, role: 'host', uid: 1, agoraViewers: 1 } }),
      });
      if (answer.statusCode !== 401) open.push(`${method} ${path}: ${String(answer.statusCode)}`);
    }
  expect(open).toEqual([]);
  for (const path of ['/docs', '/v1/openapi.json', '/docs/swagger-ui-bundle.js'])
    expect([path, (await stage.app.inject(path)).statusCode]).toEqual([path, 200]);
});
