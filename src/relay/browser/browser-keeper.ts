import type { Browser } from 'puppeteer-core';
import type { Logger } from 'pino';
import { backoffMs } from '../backoff.ts';
import type { Clock } from '../clock.ts';
import type { BrowserFacts, Fault } from '../facts.ts';
import { closeChromium, startChromium, type ChromiumOptions } from './chromium.ts';

/** A browser that lived so long was a good one: its end starts a new count. */
const STEADY_MS = 30_000;
const BACKOFF = { firstMs: 250, maxMs: 15_000 };

export interface BrowserKeeperOptions {
  readonly chromium: ChromiumOptions;
  readonly pageUrl: string;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Logger;
  /** The browser is no longer there: it crashed, hung, or did not start. */
  readonly onDown: (fault: Fault) => void;
  readonly onChange: () => void;
}

/** Holds the one browser and knows how it is. When to start and stop it is decided elsewhere. */
export class BrowserKeeper {
  readonly #options: BrowserKeeperOptions;
  #browser: Browser | undefined;
  #phase: 'down' | 'starting' | 'up' = 'down';
  #startedAt = 0;
  #heartbeatAt = 0;
  #retryAt = 0;
  #failures = 0;
  #starting: Promise<void> = Promise.resolve();

  constructor(options: BrowserKeeperOptions) {
    this.#options = options;
  }

  get facts(): BrowserFacts {
    const failures = this.#failures;
    switch (this.#phase) {
      case 'down':
        return { phase: 'down', retryAt: this.#retryAt, failures };
      case 'starting':
        return { phase: 'starting', failures };
      case 'up':
        return { phase: 'up', heartbeatAt: this.#heartbeatAt, failures };
    }
  }

  get pid(): number | undefined {
    return this.#browser?.process()?.pid;
  }

  /** The page has said something. */
  heartbeat(): void {
    if (this.#phase === 'up') this.#heartbeatAt = this.#options.clock.now();
  }

  start(): void {
    if (this.#phase !== 'down') return;
    this.#phase = 'starting';
    this.#startedAt = this.#options.clock.now();
    this.#starting = this.#launch();
  }

  /** Ends the browser because of `fault`. Another may be started after a while. */
  stop(fault: Fault): void {
    const browser = this.#browser;
    this.#down(fault);
    if (browser !== undefined) void closeChromium(browser, 0);
  }

  /** Ends the browser for good. */
  async close(): Promise<void> {
    const browser = this.#browser;
    this.#phase = 'down';
    this.#browser = undefined;
    this.#retryAt = Infinity;
    if (browser !== undefined) await closeChromium(browser);
    await this.#starting;
  }

  async #launch(): Promise<void> {
    const { chromium, pageUrl, log, clock } = this.#options;
    try {
      const browser = await startChromium(chromium, pageUrl);
      if (this.#phase !== 'starting') {
        await closeChromium(browser, 0);
        return;
      } // closed meanwhile
      this.#browser = browser;
      this.#phase = 'up';
      this.#heartbeatAt = clock.now();
      log.info(
        { part: 'browser', pid: this.pid, milliseconds: Math.round(clock.now() - this.#startedAt) },
        'browser up',
      );
      browser.once('disconnected', () => this.#crashed(browser, 'The browser ended unexpectedly.'));
      for (const page of await browser.pages()) {
        page.once('error', () => this.#crashed(browser, 'The page crashed.'));
      }
      this.#options.onChange();
    } catch (error) {
      const message = `The browser did not start: ${error instanceof Error ? error.message : String(error)}`;
      if (this.#phase === 'starting') this.#down({ reason: 'BrowserCrashed', message });
    }
  }

  #crashed(browser: Browser, message: string): void {
    if (this.#browser === browser) this.stop({ reason: 'BrowserCrashed', message });
  }

  #down(fault: Fault): void {
    const { clock, random, log, onDown } = this.#options;
    const steady = this.#phase === 'up' && clock.now() - this.#startedAt > STEADY_MS;
    this.#failures = (steady ? 0 : this.#failures) + 1;
    this.#retryAt = clock.now() + backoffMs(this.#failures, BACKOFF, random());
    this.#browser = undefined;
    this.#phase = 'down';
    log.warn({ part: 'browser', reason: fault.reason, failures: this.#failures }, fault.message);
    onDown(fault);
  }
}
