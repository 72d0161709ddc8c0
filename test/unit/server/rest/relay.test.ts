import { expect, test } from '@jest/globals';
import { relayStateOnAir } from '../../../support/server/recording-services.ts';
import { AppStage, asAdmin } from '../../../support/server/app-stage.ts';

test('a relay is started, read and stopped', async () => {
  await using stage = await AppStage.start();
  const ask = (method: 'PUT' | 'GET' | 'DELETE') =>
    stage.app.inject({ method, url: '/v1/channels/4711/relay', headers: asAdmin });
  const started = await ask('PUT');
  expect([started.statusCode, started.json()]).toEqual([
    202,
    { playbackUrl: 'https://hls.example/4711.m3u8', expiresAt: null, playbackProblem: null },
  ]);
  expect((await ask('GET')).json()).toEqual(relayStateOnAir);
  const stopped = await ask('DELETE');
  expect([stopped.statusCode, stopped.body]).toEqual([202, '']);
  expect(stage.services.asked.map(([operation]) => operation)).toEqual(['startRelay', 'relay', 'stopRelay']);
});

test('a start may have a body: an Agora token of the app, and the name of its Agora channel', async () => {
  await using stage = await AppStage.start();
  const start = (payload?: object | null) =>
    stage.app.inject({
      method: 'PUT',
      url: '/v1/channels/4711/relay',
      headers: asAdmin,
      ...(payload === undefined ? {} : { payload: payload ?? 'null' }),
      ...(payload === null ? { headers: { ...asAdmin, 'content-type': 'application/json' } } : {}),
    });
  const passed = { agoraToken: '007eJxTYAg+/=', agoraChannelName: 'live_4711' };
  for (const body of [undefined, null, {}, passed]) expect((await start(body)).statusCode).toBe(202);
  expect(stage.services.asked).toEqual([
    ['startRelay', '4711', {}],
    ['startRelay', '4711', {}],
    ['startRelay', '4711', {}],
    ['startRelay', '4711', passed],
  ]);
});

test.each([
  ['agoraToken', 'not base64!'],
  ['agoraToken', 'x'.repeat(2_048)],
  ['agoraToken', ''],
  ['agoraChannelName', 'not in ägora'],
  ['agoraChannelName', 'x'.repeat(65)],
  ['token', 'abc'],
])('a start with %s: %j is rejected, and the value is not repeated', async (member, value) => {
  await using stage = await AppStage.start();
  const answer = await stage.app.inject({
    method: 'PUT',
    url: '/v1/channels/4711/relay',
    headers: asAdmin,
    payload: { [member]: value },
  });
  expect([answer.statusCode, answer.json()]).toEqual([
    400,
    expect.objectContaining({ code: 'invalid-request' }),
  ]);
  if (value !== '') expect(answer.body).not.toContain(value);
  expect(stage.services.asked).toEqual([]);
});
