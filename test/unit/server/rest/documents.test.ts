import { expect, test } from '@jest/globals';
import { AppStage } from '../../../support/server/app-stage.ts';

test('the OpenAPI document and its page are public', async () => {
  await using stage = await AppStage.start();
  expect((await stage.app.inject('/v1/openapi.json')).json()).toMatchObject({ openapi: '3.1.0' });
  const page = await stage.app.inject('/docs');
  expect(page.headers['content-type']).toMatch(/^text\/html/);
  // The page has the origin of the dashboard, and its session.
  expect(page.headers['content-security-policy']).toMatch(/script-src 'self'; .*frame-ancestors 'none'/);
  const files = [...page.body.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, path = '']) => path);
  expect(files.length).toBeGreaterThan(1);
  for (const path of files) expect([path, (await stage.app.inject(path)).statusCode]).toEqual([path, 200]);
});
