import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Page } from 'puppeteer-core';
import { publicUrl, installRelease, releaseName, systemNamespace } from '../../hack/demo/release.ts';
import {
  makeApiKey,
  sellerTicket,
  serviceUrl,
  serviceValues,
  waitForDatabase,
} from '../../hack/demo/service.ts';
import type { Audience } from '../support/browser/audience.ts';
import { Buyers } from '../support/browser/buyers.ts';
import { openChromium } from '../support/browser/chromium.ts';
import { complaintsOf } from '../support/browser/complaints.ts';
import { folders, ClusterStage } from '../support/cluster/cluster-stage.ts';
import { firstOfFreePorts } from '../support/origin/free-ports.ts';
import { eventually } from '../support/wait/eventually.ts';

/** What buyers, a seller and an operator see in their browsers while things happen to a show. */
describe('the pages of the service on a real cluster', () => {
  let stage: ClusterStage;
  let url = '';
  let apiKey = '';
  let buyers: Buyers;
  let audience: Audience;
  const closed = new AsyncDisposableStack();

  beforeAll(async () => {
    stage = await ClusterStage.open('pages');
    closed.defer(() => stage.close());
    const { kubectl, namespace, accessPoints } = stage;
    await installRelease(folders, kubectl, (line) => process.stderr.write(`  ${line}\n`), {
      ...serviceValues(namespace, accessPoints),
      'api.publicPlayback': true,
      'api.embedMediaOrigins': [await publicUrl(kubectl)],
    });
    await stage.addSeller('show');
    await kubectl.apply(stage.liveChannel('show'));
    await waitForDatabase(kubectl);
    await kubectl.run([
      ...['-n', systemNamespace, 'rollout', 'status', `deployment/${releaseName}-api`, '--timeout=120s'],
    ]);
    url = await serviceUrl(kubectl);
    apiKey = (await kubectl.run(makeApiKey('pages', 'admin'))).trim();
    await stage.untilReady('show', 'True', 'Live', 120);
    buyers = closed.use(await Buyers.open());
    audience = closed.use(await buyers.watch(`${url}/embed/show`));
  }, 600_000);
  afterAll(() => closed.disposeAsync(), 200_000);

  const scaleHost = (replicas: number): Promise<string> =>
    stage.kubectl.run([
      ...['-n', stage.namespace, 'scale', 'deployment/seller', `--replicas=${String(replicas)}`],
    ]);
  const setMode = async (streamMode: string): Promise<void> => {
    const response = await fetch(`${url}/v1/channels/show`, {
      method: 'PATCH',
      headers: { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' },
      body: JSON.stringify({ streamMode }),
      signal: AbortSignal.timeout(10_000),
    });
    expect(response.status).toBe(200);
  };

  test('buyers see and hear the show, in three browsers', async () => {
    await audience.untilPlaying(90);
    await audience.until('sound', 20, ({ sound }) => sound);
    audience.expectNoFaults();
  }, 150_000);

  test('a seller sees how the show does, and how many watch', async () => {
    await using browser = await openChromium();
    await using watched = await watch(browser.newPage());
    const ticket = await sellerTicket(url, apiKey, 'show');
    await watched.page.goto(`${url}/seller/show?lang=en#ticket=${ticket}`);
    // Whether it does well depends on the machine: a busy one sends fewer frames.
    for (const text of [/^(Good|Fair|Poor)$/m, /Viewers on HLS\s+[1-9]/, /Bit rate in\s+[\d,]+ kbit\/s/])
      await shows(watched.page, text);
    expect(watched.complaints).toEqual([]);
  }, 120_000);

  test('an operator logs in to the dashboard, and sees the channel, its viewers and its bit rate', async () => {
    await using forwarded = await forwardToService(stage);
    await using browser = await openChromium();
    await using watched = await watch(browser.newPage());
    const { page, complaints } = watched;
    await page.goto(`${forwarded.url}/dashboard/channels/show`);
    await page.waitForSelector('input[name=apiKey]');
    // The answer of a session that is not there yet.
    complaints.length = 0;
    await page.type('input[name=apiKey]', apiKey);
    await page.click('button[type=submit]');
    for (const text of [/On air/, /kbit\/s/]) await shows(page, text);
    await page.goto(`${forwarded.url}/dashboard`);
    for (const text of [/show/, /HLS\s+(≥\s+at least\s+)?[1-9]/]) await shows(page, text);
    expect(complaints).toEqual([]);
  }, 180_000);

  test('buyers go on watching when the relay is deleted', async () => {
    const before = await stage.relayPod('show');
    await stage.kubectl.run(['-n', stage.namespace, 'delete', 'pod', 'show-relay-0', '--wait=false']);
    await eventually('another relay', 90, async () => {
      const pod = await stage.relayPod('show');
      return pod !== undefined && pod.uid !== before?.uid;
    });
    await stage.untilReady('show', 'True', 'Live', 120);
    await audience.untilPlayingAgain('the relay was deleted', 60);
    audience.expectNoFaults();
  }, 240_000);

  test('buyers see the host again who was away', async () => {
    await scaleHost(0);
    await eventually('the host is away', 60, async () => {
      const { conditions = [] } = await stage.status('show');
      return conditions.some(({ type, status }) => type === 'HostPresent' && status === 'False');
    });
    await scaleHost(1);
    await stage.kubectl.run([
      ...['-n', stage.namespace, 'rollout', 'status', 'deployment/seller', '--timeout=90s'],
    ]);
    await audience.untilPlayingAgain('the host was away', 60);
    audience.expectNoFaults();
  }, 240_000);

  test('buyers read when the show changes over to Agora, and see it again when it is back', async () => {
    await setMode('agora-only');
    await audience.until('Agora', 60, ({ state }) => state === 'use-agora');
    await setMode('hybrid');
    await audience.untilPlayingAgain('Agora', 120);
    audience.expectNoFaults();
  }, 300_000);
});

async function watch(
  opened: Promise<Page>,
): Promise<AsyncDisposable & { readonly page: Page; readonly complaints: string[] }> {
  const page = await opened;
  return { page, complaints: await complaintsOf(page), [Symbol.asyncDispose]: () => page.close() };
}

/** Waits until the text of the page matches. */
const shows = (page: Page, text: RegExp): Promise<true> =>
  eventually(String(text), 60, async () => {
    const shown = String(await page.evaluate('document.body.innerText'));
    if (!text.test(shown)) throw new Error(`the page shows: ${shown}`);
    return true;
  });

/** The service at localhost, where browsers keep a session without TLS. */
async function forwardToService(stage: ClusterStage): Promise<AsyncDisposable & { readonly url: string }> {
  const port = String(await firstOfFreePorts(1));
  const child = spawn(
    stage.kubectl.program,
    ['-n', systemNamespace, 'port-forward', `service/${releaseName}-api`, `${port}:80`],
    { stdio: 'ignore', env: { ...process.env, ...stage.kubectl.environment } },
  );
  const url = `http://localhost:${port}`;
  await eventually('the service is forwarded', 30, () => fetch(`${url}/dashboard`).then(({ ok }) => ok));
  return {
    url,
    [Symbol.asyncDispose]: async () => {
      const ended = once(child, 'exit');
      child.kill();
      await ended;
    },
  };
}
