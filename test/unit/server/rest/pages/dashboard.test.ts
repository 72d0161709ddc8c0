import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { PageIndex } from '../../../../../src/server/rest/pages/page-files.ts';
import { AppStage } from '../../../../support/server/app-stage.ts';

const index: PageIndex = {
  script: 'dashboard-A1.js',
  styles: ['style-B2.css', 'dashboard-C3.css'],
  preload: [],
  files: ['dashboard-A1.js', 'style-B2.css', 'dashboard-C3.css'],
};

let folder: string;
let stage: AppStage;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'livechannel-dashboard-'));
  await mkdir(join(folder, 'dashboard'));
  await writeFile(join(folder, 'dashboard/index.json'), JSON.stringify(index));
  for (const name of index.files) await writeFile(join(folder, 'dashboard', name), `content of ${name}`);
  stage = await AppStage.start(
    { LIVECHANNEL_API_EMBED_MEDIA_ORIGINS: ['http://hls.example:8080', 'http://x; script-src *'] },
    { pagesFolder: pathToFileURL(`${folder}/`) },
  );
});
afterAll(async () => {
  await stage[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

test('the page is the same at each of its addresses, so that every one can be opened directly', async () => {
  const pages = await Promise.all(
    ['/dashboard', '/dashboard/', '/dashboard/channels/a%2Fb?range=1h', '/dashboard/costs'].map((path) =>
      stage.app.inject(path),
    ),
  );
  expect(pages.map(({ statusCode }) => statusCode)).toEqual([200, 200, 200, 200]);
  expect(new Set(pages.map(({ body }) => body)).size).toBe(1);
  expect((await stage.app.inject('/dashboards')).statusCode).toBe(404);
  expect(pages[0]?.headers).toMatchObject({
    'content-type': 'text/html; charset=utf-8',
    'cache-control': 'no-store',
    'cross-origin-opener-policy': 'same-origin',
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
  });
});

test('its policy has no exceptions: no inline code, no foreign frames, no HTML from text', async () => {
  const { headers, body } = await stage.app.inject('/dashboard');
  const policy = String(headers['content-security-policy']);
  expect(policy).not.toMatch(/unsafe|\*|nonce|sha256/);
  expect(Object.fromEntries(policy.split('; ').map((each) => [each.split(' ')[0], each]))).toMatchObject({
    'default-src': "default-src 'none'",
    'script-src': "script-src 'self'",
    'style-src': "style-src 'self'",
    'connect-src': "connect-src 'self' https: http://hls.example:8080",
    'frame-ancestors': "frame-ancestors 'none'",
    'require-trusted-types-for': "require-trusted-types-for 'script'",
    'trusted-types': "trusted-types 'none'",
  });
  expect(body).not.toMatch(/<script>|<style|style=|onload=/);
});

test('every file that the page names is there, and browsers may keep it', async () => {
  const { body } = await stage.app.inject('/dashboard');
  const paths = [...body.matchAll(/(?:src|href)="(\/[^"]+)"/g)].map(([, path = '']) => path);
  expect(paths).toHaveLength(3);
  for (const path of paths) {
    const { statusCode, headers } = await stage.app.inject(path);
    expect([path, statusCode]).toEqual([path, 200]);
    expect(headers['cache-control']).toBe('public, max-age=31536000, immutable');
  }
  expect((await stage.app.inject('/dashboard/assets/index.json')).statusCode).toBe(404);
});

test('a service without the files says so', async () => {
  await using bare = await AppStage.start();
  expect((await bare.app.inject('/dashboard')).json()).toMatchObject({ status: 404, code: 'not-found' });
});
