import { expect, test } from '@jest/globals';
import { AppStage } from '../../../support/server/app-stage.ts';

test('anybody may read the document, and a page that shows it', async () => {
  await using stage = await AppStage.start();
  expect((await stage.app.inject('/v1/openapi.json')).json()).toMatchObject({ openapi: '3.1.0' });
  const page = await stage.app.inject('/docs');
  expect(page.headers['content-type']).toMatch(/^text\/html/);
  const files = [...page.body.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, path = '']) => path);
  expect(files.length).toBeGreaterThan(1);
  for (const path of files) expect([path, (await stage.app.inject(path)).statusCode]).toEqual([path, 200]);
});
