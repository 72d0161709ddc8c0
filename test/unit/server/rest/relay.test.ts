import { expect, test } from '@jest/globals';
import { relayOnAir } from '../../../support/server/recording-services.ts';
import { AppStage, asAdmin } from '../../../support/server/app-stage.ts';

test('a relay is started, looked at and stopped', async () => {
  await using stage = await AppStage.start();
  const ask = (method: 'PUT' | 'GET' | 'DELETE') =>
    stage.app.inject({ method, url: '/v1/channels/4711/relay', headers: asAdmin });
  const started = await ask('PUT');
  expect([started.statusCode, started.json()]).toEqual([
    202,
    { playbackUrl: 'https://hls.example/4711.m3u8' },
  ]);
  expect((await ask('GET')).json()).toEqual(relayOnAir);
  const stopped = await ask('DELETE');
  expect([stopped.statusCode, stopped.body]).toEqual([202, '']);
  expect(stage.services.asked.map(([operation]) => operation)).toEqual(['startRelay', 'relay', 'stopRelay']);
});
