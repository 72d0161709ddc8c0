import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { PageIndex } from '../../../../../src/server/rest/pages/page-files.ts';
import { AppStage } from '../../../../support/server/app-stage.ts';

const index: PageIndex = {
  script: 'embed-A1.js',
  styles: ['style-B2.css'],
  preload: ['engine-C3.js'],
  files: ['embed-A1.js', 'style-B2.css', 'engine-C3.js'],
};

let folder: string;
let stage: AppStage;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'livechannel-embed-'));
  await mkdir(join(folder, 'embed'));
  await writeFile(join(folder, 'embed/index.json'), JSON.stringify(index));
  for (const name of index.files) await writeFile(join(folder, 'embed', name), `content of ${name}`);
  stage = await AppStage.start({}, { pagesFolder: pathToFileURL(`${folder}/`) });
});
afterAll(async () => {
  await stage[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

const assets = (page: string): string[] =>
  [...page.matchAll(/(?:src|href)="(\/[^"]+)"/g)].map(([, path = '']) => path);

test('the page needs no credentials, is not cached, and has the strict policy', async () => {
  const { statusCode, headers, body } = await stage.app.inject('/embed/4711');
  expect(statusCode).toBe(200);
  expect(headers).toMatchObject({
    'content-type': 'text/html; charset=utf-8',
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
  });
  expect(headers['content-security-policy']).toMatch(/^default-src 'none'; script-src 'self';/);
  // An inline script or style would be refused by the page's own policy.
  expect(body).not.toMatch(/<script>|<style|style=|onload=/);
});

test('the page is the same for every channel, whatever its id contains', async () => {
  const pages = await Promise.all(
    ['4711', 'a%2Fb', '%3Cscript%3Ealert(1)%3C%2Fscript%3E'].map((id) => stage.app.inject(`/embed/${id}`)),
  );
  expect(pages.map(({ statusCode }) => statusCode)).toEqual([200, 200, 200]);
  expect(new Set(pages.map(({ body }) => body)).size).toBe(1);
});

test('every file that the page names is there, and browsers may keep it', async () => {
  const paths = assets((await stage.app.inject('/embed/4711')).body);
  expect(paths).toHaveLength(3);
  for (const path of paths) {
    const { statusCode, headers, body } = await stage.app.inject(path);
    expect([path, statusCode]).toEqual([path, 200]);
    expect(headers['cache-control']).toBe('public, max-age=31536000, immutable');
    expect(headers['content-type']).toBe(
      path.endsWith('.css') ? 'text/css; charset=utf-8' : 'text/javascript; charset=utf-8',
    );
    expect(body).toBe(`content of ${path.split('/').at(-1) ?? ''}`);
  }
});

test('files are compressed for browsers that can read it', async () => {
  const get = (accepted: string) =>
    stage.app.inject({ url: '/embed/assets/embed-A1.js', headers: { 'accept-encoding': accepted } });
  const compressed = await get('br, gzip');
  expect(compressed.headers['content-encoding']).toBe('gzip');
  expect(gunzipSync(compressed.rawPayload).toString()).toBe('content of embed-A1.js');
  expect(compressed.headers.vary).toContain('accept-encoding');
  expect((await get('gzip;q=0')).headers['content-encoding']).toBeUndefined();
  expect((await get('identity')).body).toBe('content of embed-A1.js');
});

test.each(['index.json', '..%2Findex.json', '..%2F..%2Fetc%2Fpasswd', 'embed-A1.js.map', 'constructor'])(
  'nothing else in the folder or outside of it is served: %s',
  async (name) => {
    expect((await stage.app.inject(`/embed/assets/${name}`)).statusCode).toBe(404);
  },
);

test('a page is named as the embedding one only if it may call the API', async () => {
  const embed = (parentOrigin: string) => stage.app.inject({ url: '/embed/4711', query: { parentOrigin } });
  const own = await embed('https://shop.example');
  expect(own.statusCode).toBe(200);
  expect(own.headers['content-security-policy']).toContain('; frame-ancestors https://shop.example;');
  for (const other of [
    'https://evil.example',
    'https://shop.example.evil.example',
    'https://shop.example/',
    '*',
  ]) {
    const { statusCode, headers } = await embed(other);
    expect([other, statusCode, headers['content-type']]).toEqual([
      ...[other, 400, 'application/problem+json'],
    ]);
  }
});

test('a ticket in the query is refused, because queries are logged on the way', async () => {
  const { statusCode, body } = await stage.app.inject('/embed/4711?ticket=abc.def.ghi');
  expect(statusCode).toBe(400);
  expect(body).toContain('#ticket=');
  expect(body).not.toContain('abc.def.ghi');
});

test('a service without the files says so', async () => {
  await using bare = await AppStage.start();
  const answer = await bare.app.inject('/embed/4711');
  expect(answer.json()).toMatchObject({ status: 404, code: 'not-found' });
});
