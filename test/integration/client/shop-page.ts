import type { BrowserContext, HTTPRequest, Page } from 'puppeteer-core';
import { eventually } from '../../support/wait/eventually.ts';

const CORS = { 'access-control-allow-origin': '*', 'access-control-allow-headers': '*' };

/** Where Agora's SDK gets an edge. The local edge answers that, and nothing else. */
const ACCESS_POINT_PATH = '/api/v2/transpond/webrtc';

/** A page of the sample shop in a browser of its own, and what it complained about. */
export class ShopPage implements AsyncDisposable {
  readonly page: Page;
  /** Console errors and warnings, exceptions, and answers that are errors. */
  readonly complaints: string[] = [];
  readonly #context: BrowserContext;

  private constructor(context: BrowserContext, page: Page) {
    this.#context = context;
    this.page = page;
    page.on('pageerror', (error) => this.complaints.push(String(error)));
    page.on('response', (response) => {
      if (response.status() >= 400)
        this.complaints.push(`${response.url()} answered ${String(response.status())}`);
    });
    page.on('console', (message) => {
      if (['error', 'warn'].includes(message.type()) && !isLostRace(message.text()))
        this.complaints.push(message.text());
    });
  }

  /** `policy`: the Content-Security-Policy of the site. What violates it is a complaint. */
  static async open(context: BrowserContext, url: string, policy: string): Promise<ShopPage> {
    const page = new ShopPage(context, await context.newPage());
    page.page.on('request', (request) => void answer(request, policy));
    await page.page.setRequestInterception(true);
    await page.page.goto(url);
    return page;
  }

  async logIn(user: string): Promise<void> {
    await this.page.waitForSelector('input[name=user]');
    await this.page.$eval('input[name=user]', (input) => (input as { select(): void }).select());
    await this.page.type('input[name=user]', user);
    await this.press('Log in');
    await this.untilShown(user);
  }

  /** Waits until the page contains the text. */
  untilShown(text: string, seconds = 30): Promise<string> {
    return eventually(text, seconds, async () => {
      const shown = String(await this.page.evaluate('document.body.innerText'));
      if (!shown.includes(text)) throw new Error(`the page shows: ${shown}; ${this.complaints.join('; ')}`);
      return shown;
    });
  }

  /** Presses the button with this text, as soon as it is there and can be pressed. */
  async press(label: string): Promise<void> {
    const button = `[...document.querySelectorAll('button:enabled')].find((each) => each.textContent === ${JSON.stringify(label)})`;
    await eventually(`the button ${label}`, 20, () => this.page.evaluate(`${button} !== undefined`));
    await this.page.evaluate(`${button}.click()`);
  }

  /** Where the buyer's page says that the buyer watches. */
  async watching(): Promise<string> {
    return String(await this.page.evaluate(`document.querySelector('.stage')?.dataset.watching`));
  }

  /** Waits until the time of a video that is seen advances. */
  async untilPlaying(selector: string, seconds = 60): Promise<void> {
    const video = `document.querySelector(${JSON.stringify(selector)})`;
    const time = (): Promise<unknown> =>
      this.page.evaluate(`${video}?.closest('[inert]') === null ? ${video}.currentTime : undefined`);
    let before: number | undefined;
    await eventually(`${selector} plays`, seconds, async () => {
      const now = Number((await time()) ?? NaN);
      if (before !== undefined && now > before) return true;
      before = Number.isNaN(now) ? undefined : now;
      const shown = String(await this.page.evaluate('document.body.innerText'));
      throw new Error(`it stands still; the page shows: ${shown}; ${this.complaints.join('; ')}`);
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#context.close();
  }
}

/** The SDK connects to an edge by two names, and closes the slower connection. */
const isLostRace = (text: string): boolean =>
  /^WebSocket connection to 'wss:\/\/[\w-]+\.edge\.[\w.-]+:\d+\/' failed: WebSocket is closed before/.test(
    text,
  );

/** Documents get the policy. The SDK reports its statistics to Agora, which the test does without. */
async function answer(request: HTTPRequest, policy: string): Promise<void> {
  if (request.isNavigationRequest()) {
    const document = await fetch(request.url());
    const headers = Object.fromEntries(document.headers);
    await request.respond({
      status: document.status,
      headers: { ...headers, 'content-security-policy': policy },
      body: await document.text(),
    });
    return;
  }
  const { hostname, pathname } = new URL(request.url());
  const isAgora = /\.(?:agora\.io|sd-rtn\.com)$/.test(hostname);
  if (!isAgora || pathname === ACCESS_POINT_PATH) await request.continue();
  else await request.respond({ status: 200, headers: CORS, body: '{}' });
}
