import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { request } from 'undici';
import { startOriginProcess, type OriginProcess } from '../../support/origin/origin-process.ts';

let origin: OriginProcess;
beforeAll(async () => {
  origin = await startOriginProcess({ LIVECHANNEL_ORIGIN_MAX_STREAMS: '3' });
}, 60_000);
afterAll(async () => {
  await origin[Symbol.asyncDispose]();
});

test('putting a stream twice gives the same stream', async () => {
  const first = await origin.put('lc-1', { tags: { a: 'b' } });
  expect(await origin.put('lc-1', { tags: { a: 'b' } })).toEqual(first);
  expect(await origin.get('lc-1')).toEqual(first);
});

test('the list shows no key', async () => {
  const { streamKey, ...stream } = await origin.put('lc-1', { tags: { a: 'b' } });
  const { body } = await origin.call('GET', '/v1/streams');
  expect(body).toEqual({ streams: [stream] });
  expect(JSON.stringify(body)).not.toContain(streamKey);
});

describe('what is refused, with a code and a sentence', () => {
  test.each([
    ['an id with capitals', 'PUT', '/v1/streams/Not_A_Label', {}, 400, 'InvalidRequest', /address\.id/],
    [
      'an id that is too long',
      'PUT',
      `/v1/streams/${'a'.repeat(64)}`,
      {},
      400,
      'InvalidRequest',
      /address\.id/,
    ],
    ['an unknown field', 'PUT', '/v1/streams/x', { color: 'red' }, 400, 'InvalidRequest', /color/],
    [
      'a key version of 0',
      'PUT',
      '/v1/streams/x',
      { keyVersion: 0 },
      400,
      'InvalidRequest',
      /body\.keyVersion/,
    ],
    ['a body that is no JSON', 'PUT', '/v1/streams/x', '{', 400, 'InvalidRequest', /JSON/],
    [
      'a body that is too long',
      'PUT',
      '/v1/streams/x',
      { tags: { a: 'x'.repeat(20_000) } },
      413,
      'BodyTooLarge',
      /16 KiB/,
    ],
    [
      'a stream that is not there',
      'GET',
      '/v1/streams/x',
      undefined,
      404,
      'UnknownStream',
      /Stream x does not exist/,
    ],
    ['an unknown address', 'GET', '/v2/streams', undefined, 404, 'UnknownRoute', /GET \/v2/],
  ])('%s', async (_what, method, path, body, status, code, message) => {
    const answer = await origin.call(method, path, body);
    expect(answer).toMatchObject({ status, body: { code, message: expect.stringMatching(message) } });
  });

  test('more streams than allowed', async () => {
    for (const id of ['lc-1', 'lc-2', 'lc-3']) await origin.put(id);
    expect(await origin.call('PUT', '/v1/streams/lc-4', {})).toMatchObject({
      status: 409,
      body: { code: 'TooManyStreams' },
    });
    await origin.call('DELETE', '/v1/streams/lc-3');
    expect((await origin.call('PUT', '/v1/streams/lc-4', {})).status).toBe(200);
  });

  test('a body of another kind', async () => {
    const answer = await request(`${origin.controlUrl}/v1/streams/x`, {
      method: 'PUT',
      headers: { authorization: `Bearer ${origin.token}`, 'content-type': 'text/xml' },
      body: '<x/>',
    });
    expect(answer.statusCode).toBe(415);
    expect(await answer.body.json()).toMatchObject({ code: 'UnsupportedMediaType' });
  });
});

describe('the token', () => {
  test.each(['GET /v1/streams', 'GET /v1/streams/lc-1', 'PUT /v1/streams/lc-1', 'DELETE /v1/streams/lc-1'])(
    'is asked for by %s',
    async (route) => {
      const [method = '', path = ''] = route.split(' ');
      expect(await origin.call(method, path, undefined, 'wrong-token-wrong-token')).toMatchObject({
        status: 401,
        body: { code: 'Unauthorized' },
      });
    },
  );

  test('is not asked for by probes and metrics', async () => {
    for (const path of ['/livez', '/readyz', '/metrics'])
      expect((await origin.call('GET', path, undefined, 'none')).status).toBe(200);
  });

  test('may be changed in its file at any time', async () => {
    await writeFile(join(origin.folder, 'token'), 'another-token-of-some-length');
    expect((await origin.call('GET', '/v1/streams')).status).toBe(401);
    expect((await origin.call('GET', '/v1/streams', undefined, 'another-token-of-some-length')).status).toBe(
      200,
    );
    await writeFile(join(origin.folder, 'token'), origin.token);
  });
});
