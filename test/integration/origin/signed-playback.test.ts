import { readFile, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { originGrantedPlaybackSchema, type OriginStreamWithKey } from '../../../src/api/origin-contract.ts';
import { openChromium } from '../../support/browser/chromium.ts';
import { eventually } from '../../support/wait/eventually.ts';
import { startOriginProcess, type OriginProcess } from '../../support/origin/origin-process.ts';
import { publish, type RtmpsPublisher } from '../../support/ingest/rtmps-publisher.ts';
import { decode, fetchPlaylist, fetchText } from '../../support/media/hls-viewer.ts';

let origin: OriginProcess;
let stream: OriginStreamWithKey;
let publisher: RtmpsPublisher;

beforeAll(async () => {
  origin = await startOriginProcess();
  stream = await origin.put('lc-signed', { access: 'signed' });
  publisher = publish({ ...stream, caFile: origin.caFile });
  const url = await grant();
  await eventually('a playlist', 30, () => fetchPlaylist(url));
}, 60_000);
afterAll(async () => {
  await publisher.stop();
  await origin[Symbol.asyncDispose]();
});

async function grant(body: object = {}, id = 'lc-signed'): Promise<string> {
  const asked = { expiresAt: new Date(Date.now() + 60_000).toISOString(), ...body };
  const answer = await origin.call('POST', `/v1/streams/${id}/playback-grants`, asked);
  return originGrantedPlaybackSchema.parse(answer.body).playbackUrl;
}
const statusOf = async (url: string): Promise<number> => (await fetchText(url)).status;

describe('a signed stream', () => {
  test('can be played at a granted URL, from any page', async () => {
    const url = await grant();
    const [video, audio] = await decode(url);
    expect(video).toMatchObject({ codec: 'h264', width: 320 });
    expect(audio?.codec).toBe('aac');
    const { headers } = await fetchText(url, { origin: 'https://shop.example' });
    expect(headers).toMatchObject({ 'access-control-allow-origin': '*', 'cache-control': 'no-cache' });
    expect(await fetchText(url, { origin: 'https://shop.example' }, 'OPTIONS')).toMatchObject({
      status: 204,
    });
  });

  test('serves nothing at its public URL: no playlist and no segment, not even by path tricks', async () => {
    const url = await grant();
    const segment = (await fetchPlaylist(url))?.segments[0] ?? '';
    expect(await statusOf(stream.playbackUrl)).toBe(403);
    const folder = stream.playbackUrl.replace('index.m3u8', '');
    const id = new URL(folder).pathname.split('/')[2] ?? '';
    for (const path of [
      folder + segment,
      `${origin.publicUrl}/hls/signed/${id}/index.m3u8`,
      `${origin.publicUrl}/hls/${id}/..%2f..%2fsigned/${id}/index.m3u8`,
      `${origin.publicUrl}/signed/${id}/index.m3u8`,
    ])
      expect(await statusOf(path)).toBe(404);
    const plain = await fetchText(new URL(segment, url).href);
    expect(plain.status).toBe(200);
    expect(plain.headers['cache-control']).toBe('private, max-age=3600, immutable');
  });

  test('an expired URL is rejected with a reason, also for segments', async () => {
    const segment = (await fetchPlaylist(await grant()))?.segments[0] ?? '';
    const url = await grant({ expiresAt: new Date(Date.now() - 2_000).toISOString() });
    for (const address of [url, new URL(segment, url).href]) expect(await statusOf(address)).toBe(410);
  });

  test('a URL cannot be extended, nor used for another stream', async () => {
    const url = await grant({ viewerId: 'ann' });
    const later = url.replace(
      /signed\/(\d+)/,
      (_all, until: string) => `signed/${String(Number(until) + 9)}`,
    );
    const anybody = url.replace(/-[0-9a-f]{16}-/, '-0-');
    const other = await grant({}, (await origin.put('lc-other', { access: 'signed' })).id);
    const swapped = other.replace(/[0-9a-f]{32}\/index/, `${url.split('/').at(-2) ?? ''}/index`);
    for (const forged of [later, anybody, swapped]) expect(await statusOf(forged)).toBe(403);
    expect(await statusOf(url)).toBe(200);
  });

  test('counts viewers by the viewer ID of the URL, and does not count rejected requests', async () => {
    const before = (await origin.get('lc-signed')).viewers;
    for (const viewerId of ['cal', 'dan', 'cal'])
      await fetchText(`${await grant({ viewerId })}?viewer=${String(Math.random())}`);
    await fetchText(`${stream.playbackUrl}?viewer=curious`);
    await fetchText(`${await grant({ expiresAt: '2020-01-01T00:00:00Z', viewerId: 'late' })}?viewer=late`);
    await eventually('two more viewers', 5, async () =>
      (await origin.get('lc-signed')).viewers === before + 2 ? true : undefined,
    );
  });

  test('the watch page plays with the token, and reports a missing and an expired one', async () => {
    await using browser = await openChromium();
    const page = await browser.newPage();
    const id = stream.playbackUrl.split('/').at(-2) ?? '';
    const watch = async (token: string, until: RegExp): Promise<void> => {
      await page.goto(`${origin.publicUrl}/watch/${id}${token}`);
      await eventually(`the page shows ${String(until)}`, 30, async () => {
        const said = String(await page.evaluate(`document.getElementById('status').textContent`));
        if (until.test(said)) return true;
        throw new Error(`it shows: ${said}`);
      });
    };
    const tokenOf = (url: string): string => `?token=${url.split('/').at(-3) ?? ''}`;
    await watch(tokenOf(await grant({ viewerId: 'page' })), /^Live, \d/);
    await watch('', /only at an address that was signed/);
    await watch(tokenOf(await grant({ expiresAt: '2020-01-01T00:00:00Z' })), /has expired/);
  }, 120_000);

  test('the signing key is in no log, and in no file that others can read', async () => {
    const file = join(origin.folder, 'run', 'front', 'nginx.conf');
    expect((await stat(file)).mode & 0o077).toBe(0);
    const key = /secure_link_md5 "\S+ \S+ \S+ ([0-9a-f]{64})"/.exec(await readFile(file, 'utf8'))?.[1];
    expect(key).toBeDefined();
    expect(origin.log()).not.toContain(key);
  });
});

test('a stream that becomes signed while it is live is interrupted, and its public media is removed', async () => {
  const open = await origin.put('lc-closing');
  const first = publish({ ...open, caFile: origin.caFile });
  await eventually('a playlist', 30, () => fetchPlaylist(open.playbackUrl));
  const closed = await origin.put('lc-closing', { access: 'signed' });
  expect(closed).toMatchObject({
    access: 'signed',
    playbackUrl: open.playbackUrl,
    streamKey: open.streamKey,
  });
  expect((await first.ended).code).not.toBe(0);
  expect(await statusOf(open.playbackUrl)).toBe(404);
  expect(await readdir(join(origin.hlsFolder, 'public'))).toEqual([]);
  await using _again = publish({ ...closed, caFile: origin.caFile });
  const url = await grant({}, 'lc-closing');
  await eventually('a playlist', 30, () => fetchPlaylist(url));
  expect(await statusOf(open.playbackUrl)).toBe(403);
}, 90_000);

test('the grant of a public stream is its only URL', async () => {
  const open = await origin.put('lc-open');
  expect(await grant({}, 'lc-open')).toBe(open.playbackUrl);
});

test.each([
  ['no time', {}, /body\.expiresAt/],
  ['an invalid time', { expiresAt: 'tomorrow' }, /body\.expiresAt/],
  ['an unknown field', { expiresAt: '2030-01-01T00:00:00Z', color: 'red' }, /color/],
])('a grant with %s is rejected', async (_what, body, message) => {
  expect(await origin.call('POST', '/v1/streams/lc-signed/playback-grants', body)).toMatchObject({
    status: 400,
    body: { code: 'InvalidRequest', message: expect.stringMatching(message) },
  });
});
