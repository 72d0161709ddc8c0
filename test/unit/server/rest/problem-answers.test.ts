import { expect, test } from '@jest/globals';
import { ApiProblem } from '../../../../src/server/problems.ts';
import { AppStage, asAdmin } from '../../../support/server/app-stage.ts';

const json = { ...asAdmin, 'content-type': 'application/json' };

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
  { name: 'a page of none', url: '/v1/channels?limit=0', status: 400, code: 'invalid-request' },
  {
    name: 'a page before none',
    url: `/v1/alerts?before=${'9'.repeat(18)}`,
    status: 400,
    code: 'invalid-request',
  },
  { name: 'no time', url: '/v1/costs?from=yesterday&to=today', status: 400, code: 'invalid-request' },
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
  expect(stage.services.asked).toEqual([]);
});

test('another method is told which ones there are', async () => {
  await using stage = await AppStage.start();
  const ask = (url: string) => stage.app.inject({ method: 'PUT', url, headers: asAdmin });
  expect((await ask('/v1/platforms')).headers.allow).toBe('GET, HEAD');
  expect((await ask('/v1/channels/1')).headers.allow).toBe('DELETE, GET, HEAD, PATCH');
});

test.each(['text/csv', 'text/plain', 'application/xml'])('a body of %s is 415', async (type) => {
  await using stage = await AppStage.start();
  const answer = await stage.app.inject({
    method: 'POST',
    url: '/v1/channels',
    headers: { ...asAdmin, 'content-type': type },
    payload: 'id',
  });
  expect(answer.json()).toMatchObject({ status: 415, code: 'unsupported-media-type' });
});

test('a member that there is not is refused, as it may be one that is misspelt', async () => {
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

test('a type without a body is a body that is not there', async () => {
  await using stage = await AppStage.start();
  const answer = await stage.app.inject({ method: 'DELETE', url: '/v1/channels/1', headers: json });
  expect(answer.statusCode).toBe(202);
});

test('faults name where they are', async () => {
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
  stage.services.failure = new ApiProblem('stream-not-ready', 'ivs-eu is full.', { retryAfterSeconds: 5 });
  const answer = await stage.app.inject({ method: 'PUT', url: '/v1/channels/1/relay', headers: asAdmin });
  expect(answer.statusCode).toBe(503);
  expect(answer.headers['retry-after']).toBe('5');
});

test('an answer has the request id that was sent, or a new one where that is none', async () => {
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
