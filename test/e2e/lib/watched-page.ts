import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Page } from 'puppeteer-core';
import { releaseName, systemNamespace } from '../../../hack/demo/release.ts';
import { openChromium } from '../../support/browser/chromium.ts';
import { complaintsOf } from '../../support/browser/complaints.ts';
import type { ClusterStage } from '../../support/cluster/cluster-stage.ts';
import { firstOfFreePorts } from '../../support/origin/free-ports.ts';
import { eventually } from '../../support/wait/eventually.ts';

/** A page in a Chromium of its own, with what it complains about. */
export interface WatchedPage extends AsyncDisposable {
  readonly page: Page;
  readonly complaints: string[];
}

export async function openWatchedPage(): Promise<WatchedPage> {
  const browser = await openChromium();
  const page = await browser.newPage();
  return { page, complaints: await complaintsOf(page), [Symbol.asyncDispose]: () => browser.close() };
}

/** Waits until the text of the page matches. */
export const shows = (page: Page, text: RegExp): Promise<true> =>
  eventually(String(text), 60, async () => {
    const shown = String(await page.evaluate('document.body.innerText'));
    if (!text.test(shown)) throw new Error(`the page shows: ${shown}`);
    return true;
  });

/** The service at localhost, where browsers keep a session without TLS. */
export async function forwardToService(
  stage: ClusterStage,
): Promise<AsyncDisposable & { readonly url: string }> {
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
