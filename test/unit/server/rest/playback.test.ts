import { expect, test } from '@jest/globals';
import { AppStage, asAdmin } from '../../../support/server/app-stage.ts';

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
