import { launch, type Browser, type Page } from 'puppeteer-core';
import { openChromium } from './chromium.ts';
import type { Viewer, ViewerPage } from './viewer.ts';

/** Chromium and Firefox, which allow playback without a tap. */
export class PuppeteerViewer implements Viewer {
  readonly name: string;
  readonly browser: Browser;

  private constructor(name: string, browser: Browser) {
    this.name = name;
    this.browser = browser;
  }

  static async chromium(): Promise<PuppeteerViewer> {
    return new PuppeteerViewer('chromium', await openChromium());
  }

  static async firefox(): Promise<PuppeteerViewer> {
    const browser = await launch({
      browser: 'firefox',
      executablePath: '/usr/bin/firefox-esr',
      headless: true,
      // 0: allowed.
      extraPrefsFirefox: { 'media.autoplay.default': 0, 'media.hardware-video-decoding.enabled': false },
    });
    return new PuppeteerViewer('firefox', browser);
  }

  /** `prepare` is called before the page is loaded. */
  async open(address: string, prepare?: (page: Page) => Promise<unknown>): Promise<PuppeteerPage> {
    const page = await this.browser.newPage();
    await prepare?.(page);
    await page.goto(address);
    return new PuppeteerPage(page);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.browser.close();
  }
}

export class PuppeteerPage implements ViewerPage {
  readonly page: Page;

  constructor(page: Page) {
    this.page = page;
  }

  evaluate(expression: string): Promise<unknown> {
    return this.page.evaluate(expression);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.page.close();
  }
}
