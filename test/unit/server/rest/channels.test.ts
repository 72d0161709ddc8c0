import { expect, test } from '@jest/globals';
import { channelOnAir } from '../../../support/server/recording-services.ts';
import { AppStage, asAdmin } from '../../../support/server/app-stage.ts';

const json = { ...asAdmin, 'content-type': 'application/json' };

test('a new channel returns 201 with its location and ETag, under the given idempotency key', async () => {
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
  expect(stage.services.asked).toEqual([['createChannel', { id: '4711', onAir: true }, 'k-1']]);
});

test('an unchanged channel returns 304, without a body', async () => {
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

test('a change uses If-Match, and null removes the budget', async () => {
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

test('the next page is in the Link header, with the filters of the request', async () => {
  await using stage = await AppStage.start();
  stage.services.listChannels = async () => ({ items: [channelOnAir], next: 'a b' });
  const answer = await stage.app.inject({
    url: '/v1/channels?limit=1&platform=ivs-eu&after=a',
    headers: asAdmin,
  });
  expect(answer.headers.link).toBe('</v1/channels?limit=1&platform=ivs-eu&after=a+b>; rel="next"');
  expect(answer.json()).toEqual({ items: [channelOnAir], next: 'a b' });
});

test.each(['Schöne Show/1?', 'é'.repeat(256), '0'])('the id %p is decoded from the path', async (id) => {
  await using stage = await AppStage.start();
  const answer = await stage.app.inject({ url: `/v1/channels/${encodeURIComponent(id)}`, headers: asAdmin });
  expect(answer.statusCode).toBe(200);
  expect(stage.services.asked).toEqual([['channel', id]]);
});

test('ending a channel returns 202', async () => {
  await using stage = await AppStage.start();
  const answer = await stage.app.inject({ method: 'DELETE', url: '/v1/channels/1', headers: asAdmin });
  expect([answer.statusCode, answer.body]).toEqual([202, '']);
  expect(stage.services.asked).toEqual([['endChannel', '1', undefined]]);
});

test('a trailing slash is ignored', async () => {
  await using stage = await AppStage.start();
  const answers = ['/v1/channels/', '/v1/channels/4711/'].map((url) =>
    stage.app.inject({ url, headers: asAdmin }),
  );
  expect((await Promise.all(answers)).map(({ statusCode }) => statusCode)).toEqual([200, 200]);
  expect(stage.services.asked.map(([operation]) => operation)).toEqual(['listChannels', 'channel']);
});
