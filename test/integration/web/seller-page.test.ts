import { mkdtemp, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import type { Browser, Page } from 'puppeteer-core';
import { buildPages } from '../../../hack/build/pages.ts';
import { HlsServer } from '../../fixtures/hls/hls-server.ts';
import { openChromium } from '../../support/browser/chromium.ts';
import { AppStage } from '../../support/server/app-stage.ts';
import { putOnAir } from '../../support/server/show-on-air.ts';
import { eventually } from '../../support/wait/eventually.ts';

jest.setTimeout(120_000);

const checkout = resolve(import.meta.dirname, '../../..');

let folder: string;
let media: HlsServer;
let browser: Browser;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'livechannel-seller-'));
  await buildPages(checkout, folder);
  media = await HlsServer.start();
  browser = await openChromium();
});
afterAll(async () => {
  await browser.close();
  await media[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

/** The service with a channel that is on air, and whose relay has just reported. */
async function serve(): Promise<AsyncDisposable & { readonly stage: AppStage; readonly url: string }> {
  const stage = await AppStage.start(
    { LIVECHANNEL_API_EMBED_MEDIA_ORIGINS: [media.url] },
    { pagesFolder: pathToFileURL(`${folder}/`) },
  );
  putOnAir(stage.services, media.begin('show'));
  await stage.app.listen({ host: '127.0.0.1', port: 0 });
  const { port } = stage.app.server.address() as AddressInfo; // a TCP server that is listening
  return {
    stage,
    url: `http://127.0.0.1:${String(port)}`,
    [Symbol.asyncDispose]: async () => {
      stage.app.server.closeAllConnections();
      await stage[Symbol.asyncDispose]();
    },
  };
}

/** Waits until the page contains the text. */
const untilShown = (page: Page, text: string): Promise<string> =>
  eventually(text, 20, async () => {
    const shown = String(await page.evaluate('document.body.innerText'));
    if (!shown.includes(text)) throw new Error(`the page shows: ${shown}`);
    return shown;
  });

const press = (page: Page, label: string): Promise<unknown> =>
  page.evaluate(
    `[...document.querySelectorAll('button')].find((each) => each.textContent === ${JSON.stringify(label)}).click()`,
  );

test('a seller sees the show, previews it and changes how buyers watch, within the strict policy', async () => {
  await using service = await serve();
  const page = await browser.newPage();
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('response', (response) => {
    if (response.status() >= 400) complaints.push(`${response.url()} answered ${String(response.status())}`);
  });
  page.on('console', (message) => {
    if (['error', 'warn'].includes(message.type())) complaints.push(message.text());
  });
  await page.goto(`${service.url}/seller/4711?lang=en#ticket=admin`);
  await untilShown(page, 'Your show goes out well.');
  // Each is the answer to a request of its own, so that one may arrive later than another.
  for (const text of ['400', '2,500 kbit/s', 'every 2 s', '$3.99 for 1,000 minutes of a buyer'])
    await untilShown(page, text);
  expect(page.url()).toBe(`${service.url}/seller/4711?lang=en`);

  // Nothing of the video is loaded until the seller asks for it.
  expect(await page.evaluate('document.querySelector("video").currentSrc')).toBe('');
  await press(page, 'Show preview');
  const video = 'document.querySelector("video")';
  await eventually('the preview plays', 30, async () => {
    expect(await page.evaluate(`${video}.currentTime > 0 && !${video}.paused && ${video}.muted`)).toBe(true);
    return true;
  });
  await press(page, 'Hide preview');
  await eventually('the preview has stopped', 10, async () => {
    expect(await page.evaluate(`${video}.readyState`)).toBe(0);
    return true;
  });

  await press(page, 'Use Agora');
  await untilShown(page, '412 buyers are watching.');
  await press(page, 'Change to Agora');
  await eventually('the change', 10, async () => {
    expect(service.stage.services.asked).toContainEqual([
      ...['changeChannel', '4711'],
      ...[{ streamMode: 'agora-only' }, undefined],
    ]);
    return true;
  });
  expect(complaints).toEqual([]);
  await page.close();
});

test('no page frames it unless its origin is one of the app', async () => {
  await using service = await serve();
  const response = await fetch(`${service.url}/seller/4711`);
  // AppStage has the app's origin.
  expect(response.headers.get('content-security-policy')).toContain('frame-ancestors https://shop.example;');
  const query = await fetch(`${service.url}/seller/4711?ticket=abc`);
  expect(query.status).toBe(400);
});
