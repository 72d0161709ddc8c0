import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { request } from 'undici';
import { FakeClock } from '../../../src/base/testing/fake-clock.ts';
import type { Refusal } from '../../fixtures/clouds/contract.ts';
import type { PaperMedia } from '../../fixtures/clouds/paper-media.ts';
import { startClouds, type Clouds } from '../../fixtures/clouds/start-clouds.ts';
import { eventually } from '../../support/wait/eventually.ts';
import { makeDummy } from './dummy-cloud.ts';

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
}

let clouds: Clouds<PaperMedia>;
const clock = new FakeClock();

const call = async (
  method: 'GET' | 'POST' | 'DELETE' | 'OPTIONS',
  path: string,
  body?: unknown,
  headers: Record<string, string> = { 'content-type': 'application/x-amz-json-1.1' },
  signal?: AbortSignal,
): Promise<Answer> => {
  const answer = await request(clouds.baseUrl + path, {
    method,
    headers: body === undefined ? {} : headers,
    body: body === undefined ? null : JSON.stringify(body),
    ...(signal === undefined ? {} : { signal }),
  });
  return { status: answer.statusCode, headers: answer.headers, text: await answer.body.text() };
};
const create = (name: string, signal?: AbortSignal): Promise<Answer> =>
  call('POST', '/ivs/shows', { name }, undefined, signal);
const names = async (): Promise<unknown> => JSON.parse((await call('GET', '/ivs/shows')).text);
/** Waits until the first call has come (and done its work). */
const untilCalled = (effect = false): Promise<true> =>
  eventually('the call', 5, async () => {
    const first = clouds.calls.all()[0];
    return first !== undefined && (first.effect || !effect) ? true : undefined;
  });

beforeEach(async () => {
  clouds = await startClouds({ clouds: { ivs: makeDummy('ivs') }, media: 'paper', clock });
});
afterEach(async () => {
  await clouds[Symbol.asyncDispose]();
});

describe('calls', () => {
  test('reach the cloud with bodies of any content type', async () => {
    expect((await create('a')).status).toBe(201);
    expect(
      (await call('POST', '/ivs/shows', { name: 'b' }, { 'content-type': 'application/json' })).status,
    ).toBe(201);
    expect((await call('POST', '/ivs/shows', { name: 'c' }, {})).status).toBe(201);
    expect(await names()).toEqual(['a', 'b', 'c']);
  });

  test('are written down with their answer and effect', async () => {
    await create('a');
    await call('DELETE', '/ivs/shows/nothing');
    expect(clouds.calls.all()).toEqual([
      { cloud: 'ivs', operation: 'Create', at: clock.monotonic(), status: 201, effect: true, faults: [] },
      { cloud: 'ivs', operation: 'Delete', at: clock.monotonic(), status: 404, effect: false, faults: [] },
    ]);
    expect(clouds.calls.count('ivs', 'Create')).toBe(1);
  });
});

describe('faults', () => {
  test.each<[Refusal, number]>([
    ['throttled', 429],
    ['server-error', 500],
    ['unavailable', 503],
    ['revoked', 401],
    ['no-permission', 403],
    ['quota-full', 402],
  ])('%s is refused in the words of the cloud, without an effect', async (kind, status) => {
    clouds.faults.add({ cloud: 'ivs', operation: 'Create', kind, times: 1 });
    const answer = await create('a');
    expect([answer.status, JSON.parse(answer.text)]).toEqual([status, { why: kind, operation: 'Create' }]);
    expect(await names()).toEqual([]);
    expect(clouds.calls.all()[0]).toMatchObject({ status, effect: false, faults: [kind] });
    expect((await create('b')).status).toBe(201);
  });

  test('lost-answer has its effect, and cuts the connection', async () => {
    clouds.faults.add({ kind: 'lost-answer', operation: 'Create', times: 1 });
    await expect(create('a')).rejects.toThrow(/closed|reset|other side/i);
    expect(await names()).toEqual(['a']);
    expect(clouds.calls.all()[0]).toMatchObject({ status: 201, effect: true, faults: ['lost-answer'] });
  });

  test('hang-before has no effect and no answer', async () => {
    clouds.faults.add({ kind: 'hang-before', times: 1 });
    const giveUp = new AbortController();
    const hanging = create('a', giveUp.signal).catch(() => 'gave up');
    await untilCalled();
    giveUp.abort();
    expect(await hanging).toBe('gave up');
    expect(clouds.calls.all()[0]).toMatchObject({ status: undefined, effect: false });
    expect(await names()).toEqual([]);
  });

  test('hang-after has its effect and no answer', async () => {
    clouds.faults.add({ kind: 'hang-after', times: 1 });
    const giveUp = new AbortController();
    const hanging = create('a', giveUp.signal).catch(() => 'gave up');
    await untilCalled(true);
    giveUp.abort();
    expect(await hanging).toBe('gave up');
    expect(await names()).toEqual(['a']);
  });

  test('slow answers late, by the injected clock', async () => {
    clouds.faults.add({ kind: 'slow', ms: 30_000, times: 1 });
    let answered = false;
    const slow = create('a').then(() => (answered = true));
    await untilCalled(true);
    await clock.advance(29_999);
    expect(answered).toBe(false);
    await clock.advance(1);
    expect(await slow).toBe(true);
  });

  test('stale-list shows what was, until it is cleared', async () => {
    await create('a');
    await clock.advance(10_000);
    await create('b');
    const clear = clouds.faults.add({ kind: 'stale-list', ms: 5_000 });
    expect(await names()).toEqual(['a']);
    clear();
    expect(await names()).toEqual(['a', 'b']);
  });

  test('concern the cloud and the operation that they name', async () => {
    clouds.faults.add({ cloud: 'mux', kind: 'unavailable' });
    clouds.faults.add({ cloud: 'ivs', operation: 'Delete', kind: 'unavailable' });
    expect((await create('a')).status).toBe(201);
    expect((await call('DELETE', '/ivs/shows/x')).status).toBe(503);
    clouds.faults.clear();
    expect((await call('DELETE', '/ivs/shows/x')).status).toBe(404);
  });
});

describe('media on paper', () => {
  const onAir = async (query?: Record<string, string>): ReturnType<typeof publish> => {
    await create('a');
    return publish(query);
  };
  const publish = async (query?: Record<string, string>) => {
    const key = clouds.cloud('ivs').streams()[0]?.streamKey ?? '';
    return clouds.media.publish({ app: 'app', key, ...(query === undefined ? {} : { query }) });
  };

  test('plays what is published, for players of any origin, and counts them', async () => {
    expect((await call('GET', '/ivs/play/x.m3u8')).status).toBe(404);
    await onAir();
    await clock.advance(10_000);
    const answer = await call('GET', '/ivs/play/x.m3u8?viewer=1');
    expect(answer.headers).toMatchObject({ 'access-control-allow-origin': '*', 'x-viewers': '1' });
    expect(answer.text).toContain(`${clouds.baseUrl}/_media/paper-`);
    expect((await call('GET', '/ivs/play/x.m3u8?viewer=2')).headers['x-viewers']).toBe('2');
    expect((await call('GET', '/ivs/play/x.m3u8?viewer=2')).headers['x-viewers']).toBe('2');
    await clock.advance(15_000);
    expect((await call('GET', '/ivs/play/x.m3u8?viewer=3')).headers['x-viewers']).toBe('1');
    expect((await call('OPTIONS', '/ivs/play/x.m3u8')).status).toBe(204);
  });

  test('refuses keys that nobody has, and publishers that are not let in', async () => {
    const first = await onAir({ priority: '5' });
    expect(() => clouds.media.publish({ app: 'app', key: 'guessed' })).toThrow(
      expect.objectContaining({ reason: 'unknown-key' }),
    );
    await expect(publish({ priority: '5' })).rejects.toMatchObject({ reason: 'not-admitted' });
    await publish({ priority: '6' });
    await first.ended;
    expect(clouds.cloud('ivs').streams()[0]?.live).toBe(true);
  });
});

describe('control over HTTP', () => {
  const control = async (...[method, path, body]: Parameters<typeof call>): Promise<unknown> => {
    const { text } = await call(method, `/_control${path}`, body);
    return text === '' ? undefined : JSON.parse(text);
  };

  test('makes and clears faults', async () => {
    expect(await control('POST', '/faults', { kind: 'throttled', times: 2 })).toEqual({ id: 1 });
    expect((await create('a')).status).toBe(429);
    expect(await control('GET', '/faults')).toEqual([{ id: 1, kind: 'throttled', times: 1 }]);
    await control('DELETE', '/faults');
    expect((await create('a')).status).toBe(201);
    expect(await control('POST', '/faults', { kind: 'broken' })).toEqual({
      error: expect.stringContaining('kind'),
    });
  });

  test('shows streams, calls and what a StreamingPlatform needs', async () => {
    expect(await control('POST', '/streams', { cloud: 'ivs' })).toEqual({ id: expect.any(String) });
    await create('a');
    expect(await control('GET', '/streams')).toMatchObject({ ivs: [{ name: 'foreign' }, { name: 'a' }] });
    expect(await control('GET', '/calls?cloud=ivs')).toMatchObject([{ operation: 'Create', effect: true }]);
    expect(await control('GET', '/platforms')).toMatchObject({
      certificateAuthority: expect.stringContaining('BEGIN CERTIFICATE'),
      platforms: { ivs: { spec: { endpoint: `${clouds.baseUrl}/ivs` }, credentials: { token: 'dummy' } } },
    });
  });

  test('publishes on paper', async () => {
    await create('a');
    const key = clouds.cloud('ivs').streams()[0]?.streamKey;
    expect(await control('POST', '/publish', { app: 'app', key: 'wrong' })).toMatchObject({
      reason: 'unknown-key',
    });
    expect(await control('POST', '/publish', { app: 'app', key })).toEqual({ id: '1' });
    expect(clouds.cloud('ivs').streams()[0]?.live).toBe(true);
    await control('DELETE', '/publish/1');
    expect(clouds.cloud('ivs').streams()[0]?.live).toBe(false);
  });
});

test('a port that is taken is named', async () => {
  const port = Number(new URL(clouds.baseUrl).port);
  await expect(startClouds({ clouds: {}, media: 'paper', port })).rejects.toThrow(
    `port ${String(port)} of 127.0.0.1 is taken`,
  );
});
