import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { z } from 'zod';
import { Problem } from '../../../src/server/problems.ts';
import { channelOnAir } from '../../unit/server/trpc/recording-services.ts';
import { RestStage } from './rest-stage.ts';

let stage: RestStage;
beforeEach(async () => {
  stage = await RestStage.start({ LIVECHANNEL_API_CORS_ORIGINS: 'https://shop.example' });
});
afterEach(async () => {
  await stage[Symbol.asyncDispose]();
});

const problemSchema = z.object({
  code: z.string(),
  status: z.int(),
  detail: z.string(),
  instance: z.string(),
  errors: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
});
async function problemOf(answer: Response): Promise<z.infer<typeof problemSchema>> {
  expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json/);
  const problem = problemSchema.parse(await answer.json());
  expect(problem.status).toBe(answer.status);
  return problem;
}

describe('channels', () => {
  test('one is made: 201 with Location and ETag, and the Idempotency-Key is passed on', async () => {
    const answer = await stage.fetch('/v1/channels', {
      method: 'POST',
      headers: { 'idempotency-key': 'abc' },
      body: JSON.stringify({ id: 4711, onAir: true }),
    });
    expect(answer.status).toBe(201);
    expect(answer.headers.get('location')).toBe('/v1/channels/4711');
    expect(answer.headers.get('etag')).toBe('"1"');
    expect(await answer.json()).toEqual(channelOnAir);
    expect(stage.services.asked).toEqual([['createChannel', { id: '4711', onAir: true }, 'abc']]);
  });

  test('a list leads to its next page', async () => {
    stage.services.listChannels = async () => ({ items: [channelOnAir], next: 'a b' });
    const answer = await stage.fetch('/v1/channels?limit=1&relayStatus=active');
    expect(answer.headers.get('link')).toBe(
      '</v1/channels?limit=1&relayStatus=active&after=a+b>; rel="next"',
    );
    expect(await answer.json()).toEqual({ items: [channelOnAir], next: 'a b' });
  });

  test('one that is as it was is not sent again', async () => {
    const answer = await stage.fetch('/v1/channels/4711', { headers: { 'if-none-match': '"1"' } });
    expect([answer.status, await answer.text()]).toEqual([304, '']);
  });

  test('ids of all kinds come through', async () => {
    const id = 'Größe 1/2?';
    await stage.fetch(`/v1/channels/${encodeURIComponent(id)}`);
    await stage.fetch(`/v1/channels/${'é'.repeat(256)}`);
    expect(stage.services.asked).toEqual([
      ['channel', id],
      ['channel', 'é'.repeat(256)],
    ]);
  });

  test('a change is for the version that it was decided on', async () => {
    const answer = await stage.fetch('/v1/channels/4711', {
      method: 'PATCH',
      headers: { 'if-match': '"1"' },
      body: '{"streamMode":"auto"}',
    });
    expect([answer.status, answer.headers.get('etag')]).toEqual([200, '"2"']);
    expect(stage.services.asked).toEqual([['changeChannel', '4711', { streamMode: 'auto' }, '"1"']]);
  });

  test('one is ended', async () => {
    expect((await stage.fetch('/v1/channels/4711', { method: 'DELETE' })).status).toBe(202);
    expect(stage.services.asked).toEqual([['endChannel', '4711', undefined]]);
  });
});

describe('relay and playback', () => {
  test('a relay is started, looked at and stopped', async () => {
    const started = await stage.fetch('/v1/channels/4711/relay', { method: 'PUT' });
    expect([started.status, await started.json()]).toEqual([
      202,
      { playbackUrl: 'https://hls.example/4711.m3u8' },
    ]);
    expect(await (await stage.fetch('/v1/channels/4711/relay')).json()).toEqual(channelOnAir.relay);
    expect((await stage.fetch('/v1/channels/4711/relay', { method: 'DELETE' })).status).toBe(202);
  });

  test('?redirect=1 leads to the address', async () => {
    const answer = await stage.fetch('/v1/channels/4711/playback?redirect=1&viewer=v1');
    expect([answer.status, answer.headers.get('location'), answer.headers.get('cache-control')]).toEqual([
      302,
      'https://hls.example/4711.m3u8',
      'no-store',
    ]);
    expect(stage.services.asked).toEqual([['playback', '4711', 'v1']]);
  });
});

describe('who may', () => {
  test('nobody is let in without credentials, to playback neither', async () => {
    const answer = await stage.fetch('/v1/channels/4711/playback', { as: undefined });
    expect((await problemOf(answer)).code).toBe('not-authenticated');
    expect(answer.headers.get('www-authenticate')).toContain('Bearer');
  });

  test('where playback is public it is, and nothing else', async () => {
    await using open = await RestStage.start({ LIVECHANNEL_API_PUBLIC_PLAYBACK: 'true' });
    const status = async (path: string): Promise<number> =>
      (await open.fetch(path, { as: undefined })).status;
    expect(await status('/v1/channels/4711/playback')).toBe(200);
    expect(await status('/v1/channels/4711/relay')).toBe(200);
    expect(await status('/v1/channels/4711')).toBe(401);
    expect(await status('/v1/channels')).toBe(401);
  });
});

describe('what is refused', () => {
  test.each([
    ['GET', '/v1/nothing', undefined, 404, 'not-found'],
    ['GET', '/v1/channels?limit=0', undefined, 400, 'invalid-request'],
    ['POST', '/v1/channels', '{', 400, 'invalid-request'],
    ['POST', '/v1/channels', '', 400, 'invalid-request'],
    ['POST', '/v1/channels', '{"id":-1}', 400, 'invalid-request'],
    ['PUT', '/v1/channels/1/audience', '{"agoraViewers":"many"}', 400, 'invalid-request'],
    ['POST', '/v1/channels', JSON.stringify({ id: 'a'.repeat(70_000) }), 413, 'too-large'],
    ['GET', '/v1/costs?from=yesterday&to=today', undefined, 400, 'invalid-request'],
  ])('%s %s %p: %i %s', async (method, path, body, status, code) => {
    const answer = await stage.fetch(path, { method, ...(body === undefined ? {} : { body }) });
    const problem = await problemOf(answer);
    expect([problem.status, problem.code]).toEqual([status, code]);
    expect(stage.services.asked).toEqual([]);
  });

  test('each fault is named by its path', async () => {
    const body = JSON.stringify({ id: 1, budget: { usd: 'much', per: 'week' } });
    const { errors } = await problemOf(await stage.fetch('/v1/channels', { method: 'POST', body }));
    expect(errors?.map(({ path }) => path)).toEqual(['budget.usd', 'budget.per']);
  });

  test('another method is told which ones there are', async () => {
    const answer = await stage.fetch('/v1/channels/1', { method: 'PUT', body: '{}' });
    expect((await problemOf(answer)).code).toBe('method-not-allowed');
    expect(answer.headers.get('allow')).toBe('DELETE, GET, HEAD, PATCH');
  });

  test('another kind of body', async () => {
    const answer = await stage.fetch('/v1/channels', {
      method: 'POST',
      headers: { 'content-type': 'application/xml' },
      body: '<a/>',
    });
    expect((await problemOf(answer)).code).toBe('unsupported-media-type');
  });

  test('a problem of the services, with its headers', async () => {
    stage.services.failure = new Problem('stream-not-ready', 'ivs-eu is full.', { retryAfterSeconds: 5 });
    const answer = await stage.fetch('/v1/channels/1/relay', { method: 'PUT' });
    expect(await problemOf(answer)).toMatchObject({ code: 'stream-not-ready', detail: 'ivs-eu is full.' });
    expect(answer.headers.get('retry-after')).toBe('5');
  });

  test('what nobody expected says nothing of the inside', async () => {
    stage.services.failure = new Error('password=hunter2');
    const answer = await stage.fetch('/v1/channels/1');
    expect(JSON.stringify(await problemOf(answer))).not.toContain('hunter2');
    expect(answer.status).toBe(500);
  });

  test('more requests than are allowed', async () => {
    await using narrow = await RestStage.start({ LIVECHANNEL_API_RATE_LIMIT: '2' });
    const answers = [1, 2, 3].map(() => narrow.fetch('/v1/platforms'));
    const last = (await Promise.all(answers)).find(({ status }) => status !== 200);
    expect(Number(last?.headers.get('retry-after'))).toBeGreaterThan(0);
    expect((await problemOf(last ?? new Response())).code).toBe('too-many-requests');
    expect((await narrow.fetch('/v1/platforms', { as: 'operate' })).status).toBe(200);
  });
});

test('a request id is kept, or made, and named in problems', async () => {
  const answer = await stage.fetch('/v1/nothing', { headers: { 'x-request-id': 'mine-1' } });
  expect(answer.headers.get('x-request-id')).toBe('mine-1');
  expect((await problemOf(answer)).instance).toBe('urn:livechannel:request:mine-1');
  expect((await stage.fetch('/v1/platforms')).headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
});

test('pages of the shop may call it, others may not', async () => {
  const asked = async (origin: string): Promise<string | null> => {
    const answer = await stage.fetch('/v1/platforms', {
      method: 'OPTIONS',
      as: undefined,
      headers: { origin, 'access-control-request-method': 'GET' },
    });
    return answer.headers.get('access-control-allow-origin');
  };
  expect(await asked('https://shop.example')).toBe('https://shop.example');
  expect(await asked('https://other.example')).toBeNull();
});

describe('events', () => {
  const read = async (answer: Response, until: string): Promise<string> => {
    let text = '';
    for await (const chunk of answer.body ?? []) {
      text += Buffer.from(chunk).toString();
      if (text.includes(until)) break;
    }
    return text;
  };

  test('are told as they happen, and resumed', async () => {
    stage.services.tell({ type: 'snapshot', id: '1', channel: channelOnAir });
    stage.services.tell({ type: 'status', id: '2', channel: channelOnAir });
    const first = await stage.fetch('/v1/channels/4711/events');
    expect(first.headers.get('content-type')).toMatch(/^text\/event-stream/);
    expect(first.headers.get('x-request-id')).not.toBeNull();
    expect(await read(first, 'id: 2')).toContain('id: 1\nevent: snapshot\ndata: {');
    const again = await stage.fetch('/v1/channels/4711/events', { headers: { 'last-event-id': '1' } });
    expect(await read(again, 'id: 2')).not.toContain('id: 1');
    expect(stage.services.asked.at(-1)).toEqual(['events', '4711', '1']);
  });

  test('who may not is told before anything is sent', async () => {
    expect((await problemOf(await stage.fetch('/v1/events', { as: 'playback' }))).code).toBe('not-allowed');
  });

  test('end when the server does, which does not wait for them', async () => {
    const answer = await stage.fetch('/v1/events');
    await stage.app.close();
    expect(await answer.text()).toContain('retry: ');
  });
});

test('the document, and a page that shows it', async () => {
  const document = await stage.fetch('/v1/openapi.json', { as: undefined });
  expect(await document.json()).toMatchObject({ openapi: '3.1.0' });
  const page = await (await stage.fetch('/docs', { as: undefined })).text();
  for (const [, path = ''] of page.matchAll(/(?:src|href)="([^"]+)"/g))
    expect((await stage.fetch(path, { as: undefined })).status).toBe(200);
});
