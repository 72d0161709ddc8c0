import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import type { Browser, Page } from 'puppeteer-core';
import { freePorts } from '../../../hack/cluster/free-ports.ts';
import { openChromium } from '../../support/browser/chromium.ts';
import { complaintsOf } from '../../support/browser/complaints.ts';
import { LoginStage } from '../../support/server/login-stage.ts';
import { oidcClient, OidcIssuer } from '../../support/server/oidc-issuer.ts';

jest.setTimeout(60_000);

/** A page of the service that shows its session, and what scripts can read of the cookies. */
const script = `
  const answer = await fetch('/v1/session');
  const { subject } = await answer.json();
  document.getElementById('dashboard').textContent =
    answer.status + ' ' + subject + ' cookies: ' + JSON.stringify(document.cookie);
`;

let folder: string;
let issuer: OidcIssuer;
let stage: LoginStage;
let browser: Browser;
/** By name, because another site is one of another host: the issuer and the shop are at 127.0.0.1. */
let service: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'livechannel-login-web-'));
  await mkdir(join(folder, 'dashboard'));
  const files = { 'dashboard-A1.js': script, 'style-B2.css': 'body { margin: 0 }' };
  for (const [name, content] of Object.entries(files))
    await writeFile(join(folder, 'dashboard', name), content);
  const index = {
    script: 'dashboard-A1.js',
    styles: ['style-B2.css'],
    preload: [],
    files: Object.keys(files),
  };
  await writeFile(join(folder, 'dashboard/index.json'), JSON.stringify(index));
  await writeFile(join(folder, 'secret'), oidcClient.secret);
  issuer = await OidcIssuer.start();
  const [port = 0] = await freePorts(1);
  service = `http://localhost:${String(port)}`;
  stage = await LoginStage.start(
    {
      LIVECHANNEL_API_OIDC_ISSUER: issuer.url,
      LIVECHANNEL_API_OIDC_AUDIENCE: 'livechannel',
      LIVECHANNEL_API_OIDC_CLIENT_ID: oidcClient.id,
      LIVECHANNEL_API_OIDC_CLIENT_SECRET_FILE: join(folder, 'secret'),
      LIVECHANNEL_API_OIDC_REDIRECT_URL: service + oidcClient.redirectPath,
    },
    { port, pagesFolder: pathToFileURL(`${folder}/`) },
  );
  browser = await openChromium();
});
afterAll(async () => {
  await browser.close();
  await stage[Symbol.asyncDispose]();
  await issuer[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

/** The text that the page shows when its script has run. */
async function shown(page: Page): Promise<string> {
  await page.waitForFunction(`(document.getElementById('dashboard')?.textContent ?? '') !== ''`);
  return page.evaluate(`document.getElementById('dashboard').textContent`) as Promise<string>; // of an element
}

test('a browser signs in at the issuer, returns to the page where it started, and keeps the cookie from scripts', async () => {
  issuer.user = { idToken: { scope: 'livechannel:operate' } };
  const page = await browser.newPage();
  const complaints = await complaintsOf(page);
  await page.goto(`${service}/login/oidc?to=/dashboard/channels/4711`);
  await page.waitForFunction(`location.pathname === '/dashboard/channels/4711'`);
  expect(await shown(page)).toBe(`200 oidc:${issuer.url}#app-1 cookies: ""`);
  // Neither the code nor the state stays in the history, to which a user could go back.
  expect(page.url()).toBe(`${service}/dashboard/channels/4711`);
  expect(complaints).toEqual([]);
  await page.close();
});

test('a page of another site can neither read nor change anything with the session', async () => {
  const shop = createServer((_request, response) => {
    response.setHeader('content-type', 'text/html');
    response.end('<!doctype html><link rel="icon" href="data:,"><p>A shop</p>');
  });
  shop.listen(0, '127.0.0.1');
  await once(shop, 'listening');
  const { port } = shop.address() as AddressInfo; // a TCP server that is listening
  const page = await browser.newPage();
  await page.goto(`${service}/dashboard`);
  expect(await shown(page)).toContain('200 oidc:');
  await page.goto(`http://127.0.0.1:${String(port)}/`);
  const statuses = await page.evaluate(`(async () => {
    const body = '{"id": "4711"}';
    const all = [
      fetch('${service}/v1/channels', { credentials: 'include' }),
      fetch('${service}/v1/channels', { method: 'POST', body, credentials: 'include', mode: 'no-cors' }),
      fetch('${service}/logout', { method: 'POST', credentials: 'include', mode: 'no-cors' }),
    ];
    return (await Promise.allSettled(all)).map(({ value }) => value?.type ?? 'failed');
  })()`);
  expect(statuses).toEqual(['failed', 'opaque', 'opaque']);
  expect(stage.services.asked).toEqual([]);
  // A form, which navigates.
  await page.evaluate(`
    const form = document.body.appendChild(document.createElement('form'));
    Object.assign(form, { method: 'post', enctype: 'text/plain', action: '${service}/v1/channels/4711/rotate-key' });
    form.submit();
  `);
  await page.waitForFunction(`location.origin === '${service}'`);
  expect(stage.services.asked).toEqual([]);
  await page.goto(`${service}/dashboard`);
  expect(await shown(page)).toContain('200 oidc:');
  await page.close();
  shop.closeAllConnections();
  shop.close();
});

test('the policy of the page refuses inline scripts and text as HTML', async () => {
  const page = await browser.newPage();
  await page.goto(`${service}/dashboard`);
  await shown(page);
  const outcome = await page.evaluate(`(() => {
    const inline = document.body.appendChild(document.createElement('script'));
    let byText = 'ran';
    try { inline.text = 'window.injected = true'; } catch { byText = 'refused'; }
    let html = 'written';
    try { document.body.innerHTML = '<img src=x onerror=alert(1)>'; } catch { html = 'refused'; }
    return [byText, html, window.injected === true];
  })()`);
  expect(outcome).toEqual(['refused', 'refused', false]);
  await page.close();
});
