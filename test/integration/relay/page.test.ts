import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Browser } from 'puppeteer-core';
import { closeChromium, openFirstPage, startChromium } from '../../../src/relay/browser/chromium.ts';
import { PageServer } from '../../../src/relay/browser/page-server.ts';
import { buildRelayPage } from '../../../src/relay/page/build.ts';
import { relaySettingsSchema } from '../../../src/relay/settings.ts';
import { startTcpProxy, type TcpProxy } from '../kube/tcp-proxy.ts';
import { until } from './until.ts';

let folder: string;
let server: PageServer;
let proxy: TcpProxy;
let browser: Browser;
const seen = { pages: 0, heartbeats: 0 };

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'livechannel-page-'));
  await buildRelayPage(join(folder, 'page'));
  server = await PageServer.start({
    directory: join(folder, 'page'),
    onPage: () => (seen.pages += 1),
    onEvent: ({ type }) => (seen.heartbeats += type === 'heartbeat' ? 1 : 0),
    onFrame: () => undefined,
  });
  proxy = await startTcpProxy(new URL(server.pageUrl));
  const url = new URL(server.pageUrl);
  url.port = String(proxy.port);
  const binary = relaySettingsSchema.parse({}).LIVECHANNEL_CHROMIUM;
  browser = await startChromium({ binary, extraArguments: [], certificatePins: [], profiles: folder });
  await openFirstPage(browser, url.href);
}, 60_000);

afterAll(async () => {
  await closeChromium(browser);
  await proxy[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true, maxRetries: 5 });
});

test('the page gives signs of life', async () => {
  await until('the page has sent two', () => seen.heartbeats >= 2, 10);
  expect(seen.pages).toBe(1);
});

test('a page that loses its connections begins anew by itself, well before it is taken for dead', async () => {
  const { heartbeats } = seen;
  proxy.reset();
  await until('a new page has sent one', () => seen.pages === 2 && seen.heartbeats > heartbeats, 5);
});
