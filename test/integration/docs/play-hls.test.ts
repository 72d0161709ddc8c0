import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { build } from 'esbuild';
import type { Browser } from 'puppeteer-core';
import { openChromium } from '../../support/browser/chromium.ts';
import { blocksOf, readDoc } from '../../support/docs/markdown-blocks.ts';
import { checkout } from '../../support/docs/pages.ts';
import { eventually } from '../../support/wait/eventually.ts';

/** `playHls` of docs/build/playback.md in a real browser, on a platform whose playlist is missing, live or closed. */
let folder: string;
let server: Server;
let browser: Browser;
let script: string;
let playlist: 'missing' | 'live' | 'closed' = 'missing';
let requests = 0;
const viewers = new Set<string | null>();

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'livechannel-play-hls-'));
  const source = blocksOf(await readDoc('build/playback.md'), 'ts').find((each) =>
    each.startsWith('// web/play-hls.ts\n'),
  );
  const entry = `${source ?? ''}\nplayHls(document.querySelector('video')!, '/hls/5e/index.m3u8');`;
  const bundled = await build({
    stdin: { contents: entry, loader: 'ts', resolveDir: checkout },
    ...{ bundle: true, write: false, format: 'iife' },
  });
  script = bundled.outputFiles[0]?.text ?? '';
  await promisify(execFile)('ffmpeg', [
    ...['-v', 'error', '-f', 'lavfi', '-i', 'testsrc=size=160x90:rate=25', '-t', '6', '-g', '50'],
    ...['-c:v', 'libx264', '-pix_fmt', 'yuv420p', '-f', 'hls', '-hls_time', '2', '-hls_list_size', '0'],
    join(folder, 'index.m3u8'),
  ]);
  const closed = await readFile(join(folder, 'index.m3u8'), 'utf8');
  await writeFile(join(folder, 'index.m3u8'), closed.replace(/#EXT-X-PLAYLIST-TYPE:VOD\n/, ''));
  server = createServer((request, response) => {
    void (async () => {
      const { pathname: path, searchParams } = new URL(request.url ?? '', 'http://server');
      if (path === '/') {
        response.setHeader('content-type', 'text/html');
        return response.end('<video autoplay muted playsinline></video><script src="/play.js"></script>');
      }
      if (path === '/play.js') return response.end(script);
      if (path.endsWith('.ts')) return response.end(await readFile(join(folder, basename(path))));
      if (path !== '/hls/5e/index.m3u8') return response.writeHead(404).end();
      requests++;
      viewers.add(searchParams.get('viewer'));
      if (playlist === 'missing') return response.writeHead(404).end();
      const text = await readFile(join(folder, 'index.m3u8'), 'utf8');
      return response.end(playlist === 'closed' ? text : text.replace('#EXT-X-ENDLIST', ''));
    })();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  browser = await openChromium();
}, 90_000);
afterAll(async () => {
  await browser.close();
  server.close();
  await rm(folder, { recursive: true, force: true });
});

test('playHls waits for a show, plays it to its end, and does not play a show that is over', async () => {
  const page = await browser.newPage();
  await page.goto(`http://127.0.0.1:${String((server.address() as AddressInfo).port)}/`);
  const time = async (): Promise<number> =>
    Number(await page.evaluate(`document.querySelector('video').currentTime`));
  const playlists = async (count: number): Promise<void> => {
    const from = requests;
    await eventually(`${String(count)} requests for the playlist`, 30, () => requests >= from + count);
  };

  await playlists(2);
  playlist = 'closed';
  await playlists(3);
  expect(await time()).toBe(0);

  playlist = 'live';
  await eventually('the show plays', 30, async () => (await time()) > 0.2);
  await page.evaluate(
    `document.querySelector('video').addEventListener('ended', () => { window.ended = true; })`,
  );
  playlist = 'closed';
  await eventually('it is played to its end', 30, async () => (await page.evaluate('window.ended')) === true);
  await playlists(3);
  expect(await time()).toBe(0);

  playlist = 'live';
  await eventually('the next show plays', 30, async () => (await time()) > 0.2);
  expect([...viewers]).toEqual([expect.stringMatching(/^\d+$/)]); // the origin counts it as one
}, 180_000);
