import { expect, test } from '@jest/globals';
import { ApiProblem } from '../../../../src/server/problems.ts';
import { AppStage, asAdmin } from '../../../support/server/app-stage.ts';

const json = { ...asAdmin, 'content-type': 'application/json' };

test.each([
  { name: 'an unknown path', url: '/v1/nothing', status: 404, code: 'not-found' },
  {
    name: 'an unsupported method',
    method: 'POST',
    url: '/v1/platforms',
    status: 405,
    code: 'method-not-allowed',
  },
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
    name: 'an invalid body',
    method: 'POST',
    url: '/v1/channels',
    payload: '{"id":-1}',
    status: 400,
    code: 'invalid-request',
  },
  {
    name: 'a body that is too large',
    method: 'POST',
    url: '/v1/channels',
    payload: `{"id":"${'a'.repeat(70_000)}"}`,
    status: 413,
    code: 'too-large',
  },
  { name: 'an invalid page token', url: '/v1/channels?limit=0', status: 400, code: 'invalid-request' },
  {
    name: 'an invalid page size',
    url: `/v1/alerts?before=${'9'.repeat(18)}`,
    status: 400,
    code: 'invalid-request',
  },
  { name: 'an invalid time', url: '/v1/costs?from=yesterday&to=today', status: 400, code: 'invalid-request' },
  { name: 'an invalid path', url: '/v1/channels/%zz', status: 400, code: 'invalid-request' },
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
  expect(stage.services.asked).toEqual([]);
});

test('an unsupported method is answered with the supported ones', async () => {
  await using stage = await AppStage.start();
  const ask = (url: string) => stage.app.inject({ method: 'PUT', url, headers: asAdmin });
  expect((await ask('/v1/platforms')).headers.allow).toBe('GET, HEAD');
  expect((await ask('/v1/channels/1')).headers.allow).toBe('DELETE, GET, HEAD, PATCH');
});

test.each(['text/csv', 'text/plain', 'application/xml'])('a body of %s returns 415', async (type) => {
  await using stage = await AppStage.start();
  const answer = await stage.app.inject({
    method: 'POST',
    url: '/v1/channels',
    headers: { ...asAdmin, 'content-type': type },
    payload: 'id',
  });
  expect(answer.json()).toMatchObject({ status: 415, code: 'unsupported-media-type' });
});

test('an unknown member is rejected, because it may be misspelled', async () => {
  await using stage = await AppStage.start();
  const answer = await stage.app.inject({
    method: 'PATCH',
    url: '/v1/channels/1',
    headers: json,
    payload: { maxresolution: '720p' },
  });
  expect(answer.json()).toMatchObject({
    code: 'invalid-request',
    detail: expect.stringContaining('maxresolution'),
  });
  expect(stage.services.asked).toEqual([]);
});

test('a content type without a body is a missing body', async () => {
  await using stage = await AppStage.start();
  const answer = await stage.app.inject({ method: 'DELETE', url: '/v1/channels/1', headers: json });
  expect(answer.statusCode).toBe(202);
});

test('validation errors contain their path', async () => {
  await using stage = await AppStage.start();
  const answer = await stage.app.inject({
    method: 'POST',
    url: '/v1/channels',
    headers: json,
    payload: { id: 1, playback: { latency: 'none' }, budget: { usd: 'much', per: 'week' } },
  });
  const { errors } = answer.json<{ errors: { path: string }[] }>();
  expect(errors.map(({ path }) => path)).toEqual(['playback.latency', 'budget.usd', 'budget.per']);
});

test('an internal error exposes nothing but the id under which it is logged', async () => {
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
  stage.services.failure = new ApiProblem('stream-not-ready', 'ivs-eu is full.', { retryAfterSeconds: 5 });
  const answer = await stage.app.inject({ method: 'PUT', url: '/v1/channels/1/relay', headers: asAdmin });
  expect(answer.statusCode).toBe(503);
  expect(answer.headers['retry-after']).toBe('5');
});

test('a response has the request id of the request, or a new one if that is invalid', async () => {
  await using stage = await AppStage.start();
  const idOf = async (given: Record<string, string> = {}): Promise<unknown> =>
    (await stage.app.inject({ url: '/v1/platforms', headers: { ...asAdmin, ...given } })).headers[
      'x-request-id'
    ];
  expect(await idOf({ 'x-request-id': 'mine-1' })).toBe('mine-1');
  const made = [await idOf(), await idOf(), await idOf({ 'x-request-id': 'a b' })];
  expect(new Set(made).size).toBe(3);
  for (const id of made) expect(id).toMatch(/^[\w.-]{8,64}$/);
});
