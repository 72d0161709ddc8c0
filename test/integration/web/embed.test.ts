import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { pino } from 'pino';
import type { Browser, Frame, Page } from 'puppeteer-core';
import { buildPages } from '../../../hack/build/pages.ts';
import { HlsServer } from '../../fixtures/hls/hls-server.ts';
import { openChromium } from '../../support/browser/chromium.ts';
import { complaintsOf } from '../../support/browser/complaints.ts';
import { documentedPolicy } from '../../support/docs/documented-policy.ts';
import { AppStage } from '../../support/server/app-stage.ts';
import { channelOnAir } from '../../support/server/recording-services.ts';
import { eventually } from '../../support/wait/eventually.ts';

jest.setTimeout(120_000);

const checkout = resolve(import.meta.dirname, '../../..');

let folder: string;
/** Without TLS, like an origin in a cluster. */
let media: HlsServer;
let browser: Browser;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'livechannel-embed-'));
  await buildPages(checkout, folder);
  media = await HlsServer.start();
  browser = await openChromium();
});
afterAll(async () => {
  await browser.close();
  await media[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

/** The service with the embed page, on a loopback socket. Its log is kept. */
async function serve(
  settings: Parameters<typeof AppStage.start>[0],
): Promise<AsyncDisposable & { readonly url: string; readonly log: readonly string[] }> {
  const log: string[] = [];
  const stage = await AppStage.start(
    { LIVECHANNEL_API_EMBED_MEDIA_ORIGINS: [media.url], ...settings },
    {
      pagesFolder: pathToFileURL(`${folder}/`),
      logger: pino({ level: 'trace' }, { write: (line: string) => log.push(line) }),
    },
  );
  const { playback } = stage.services;
  const url = media.begin('show');
  stage.services.playback = async (...given) => ({ ...(await playback(...given)), hlsUrl: url });
  const view = { ...channelOnAir, playbackUrl: url };
  stage.services.channel = async () => ({ value: view, etag: '"1"' });
  stage.services.past.push({ type: 'snapshot', id: '1', channel: view });
  await stage.app.listen({ host: '127.0.0.1', port: 0 });
  const { port } = stage.app.server.address() as AddressInfo; // a TCP server that is listening
  return {
    url: `http://127.0.0.1:${String(port)}`,
    log,
    [Symbol.asyncDispose]: async () => {
      // Chromium may keep a connection on which it has requested nothing, and the service waits for requests.
      stage.app.server.closeAllConnections();
      await stage[Symbol.asyncDispose]();
    },
  };
}

const shopScript = `
  const frame = document.getElementById('show');
  const service = new URL(frame.src).origin;
  const received = [];
  addEventListener('message', ({ data, source, origin }) => {
    if (origin !== service || source !== frame.contentWindow) return;
    received.push(data);
    if (data.type === 'livechannel:ticket-request')
      source.postMessage({ type: 'livechannel:ticket', channelId: '4711', ticket: 'playback' }, service);
  });`;

/** A shop's page with the iframe, which gives tickets when asked, within the policy that docs/build/player.md shows. */
async function shop(
  frameUrl: (origin: string) => string,
  host = '127.0.0.1',
): Promise<AsyncDisposable & { readonly origin: string; readonly url: string }> {
  const server: Server = createServer((request, response) => {
    if (request.url === '/show-frame.js') {
      response.setHeader('content-type', 'text/javascript');
      response.end(shopScript);
      return;
    }
    const address = frameUrl(origin);
    void documentedPolicy('iframe', { 'https://live.example.com': new URL(address).origin }).then(
      (policy) => {
        response.setHeader('content-type', 'text/html; charset=utf-8');
        response.setHeader('content-security-policy', policy);
        response.end(`<!doctype html>
        <iframe id="show" src="${address}" allow="autoplay; fullscreen; picture-in-picture"></iframe>
        <script src="/show-frame.js"></script>`);
      },
    );
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo; // a TCP server that is listening
  const origin = `http://${host}:${String(port)}`;
  return {
    origin,
    url: `${origin}/`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

/** A page whose console errors, exceptions and violations of the policy are recorded. */
async function watchedPage(): Promise<
  AsyncDisposable & { readonly page: Page; readonly complaints: string[] }
> {
  const page = await browser.newPage();
  const complaints = await complaintsOf(page);
  page.on('response', (response) => {
    if (response.status() >= 400) complaints.push(`${response.url()} answered ${String(response.status())}`);
  });
  return { page, complaints, [Symbol.asyncDispose]: () => page.close() };
}

/** Waits until the video in the frame moves. */
async function untilPlaying(frame: Frame, complaints: readonly string[]): Promise<void> {
  const time = (): Promise<number> =>
    frame.evaluate(`document.querySelector('video')?.currentTime ?? 0`) as Promise<number>; // of the video
  await eventually('the video plays', 30, async () => {
    const before = await time();
    await new Promise((done) => setTimeout(done, 500));
    const after = await time();
    if (after <= before) throw new Error(`the video stands still; ${complaints.join('; ')}`);
    return after;
  });
}

const embedded = (page: Page): Promise<Frame> =>
  eventually('the iframe', 20, async () => {
    const frame = page.frames().find((each) => each.url().includes('/embed/'));
    if (frame === undefined) throw new Error('there is no iframe');
    return frame;
  });

describe('the embed page', () => {
  test('plays a public channel without a ticket, within its own policy', async () => {
    await using service = await serve({ LIVECHANNEL_API_PUBLIC_PLAYBACK: true });
    await using watched = await watchedPage();
    const { page, complaints } = watched;
    await page.goto(`${service.url}/embed/4711`);
    await untilPlaying(page.mainFrame(), complaints);
    expect(complaints).toEqual([]);
  });

  test.each([
    ['low', { width: 800, height: 200 }],
    ['upright', { width: 390, height: 780 }],
  ])('fills an iframe that is %s, so that no control is outside of it', async (_, size) => {
    await using service = await serve({ LIVECHANNEL_API_PUBLIC_PLAYBACK: true });
    await using watched = await watchedPage();
    const { page, complaints } = watched;
    await page.setViewport(size);
    await page.goto(`${service.url}/embed/4711`);
    await untilPlaying(page.mainFrame(), complaints);
    const { width, height } = size;
    const player = await page.evaluate(
      `document.querySelector('.lc-player').getBoundingClientRect().toJSON()`,
    );
    expect(player).toMatchObject({ x: 0, y: 0, width, height });
    expect(await page.evaluate('document.documentElement.scrollHeight')).toBe(height);
    expect(complaints).toEqual([]);
  });

  test('plays with a ticket from the fragment, which then is in no address and no log', async () => {
    await using service = await serve({});
    await using watched = await watchedPage();
    const { page, complaints } = watched;
    const requested: string[] = [];
    page.on('request', (request) => requested.push(request.url()));
    await page.goto(`${service.url}/embed/4711#ticket=playback`);
    await untilPlaying(page.mainFrame(), complaints);
    expect(page.url()).toBe(`${service.url}/embed/4711`);
    expect(requested.slice(1).filter((url) => url.includes('ticket'))).toEqual([]);
    expect(service.log.length).toBeGreaterThan(0);
    expect(service.log.filter((line) => line.includes('ticket=') || line.includes('#'))).toEqual([]);
    expect(complaints).toEqual([]);
  });

  test('gets its ticket from the page that embeds it, and reports its state to that page', async () => {
    let url = '';
    await using page = await shop((origin) => `${url}/embed/4711?parentOrigin=${encodeURIComponent(origin)}`);
    await using service = await serve({ LIVECHANNEL_API_CORS_ORIGINS: [page.origin] });
    url = service.url;
    await using watched = await watchedPage();
    await watched.page.goto(page.url);
    await untilPlaying(await embedded(watched.page), watched.complaints);
    await eventually('the state', 20, async () => {
      const received = await watched.page.evaluate('received');
      expect(received).toContainEqual({ type: 'livechannel:state', channelId: '4711', state: 'playing' });
      return received;
    });
    expect(watched.complaints).toEqual([]);
  });

  test('is not shown in the page of another origin, and sends it no messages', async () => {
    let url = '';
    await using own = await shop((origin) => `${url}/embed/4711?parentOrigin=${encodeURIComponent(origin)}`);
    await using other = await shop(() => `${url}/embed/4711?parentOrigin=${encodeURIComponent(own.origin)}`);
    await using service = await serve({ LIVECHANNEL_API_CORS_ORIGINS: [own.origin] });
    url = service.url;
    await using watched = await watchedPage();
    await watched.page.goto(other.url, { waitUntil: 'networkidle0' });
    await eventually('the refusal', 20, async () =>
      watched.complaints.find((each) => each.includes('frame-ancestors')),
    );
    expect(await watched.page.evaluate('received')).toEqual([]);
  });
});
