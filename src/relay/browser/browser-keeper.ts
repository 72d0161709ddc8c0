import type { Browser, Page } from 'puppeteer-core';
import type { Logger } from 'pino';
import { backoffDelay, type BackoffPolicy } from '../../base/backoff.ts';
import type { Clock } from '../../base/clock.ts';
import { errorText } from '../../base/error-text.ts';
import type { BrowserFacts, Fault } from '../facts.ts';
import {
  browserProcesses,
  closeChromium,
  openAnotherPage,
  openFirstPage,
  startChromium,
  type ChromiumOptions,
} from './chromium.ts';
import { anonymousMemoryMiB } from './process-memory.ts';

/** A browser or page that ran for this time was good: its end starts a new count of failures. */
const STEADY_AFTER_MS = 30_000;
const BACKOFF: BackoffPolicy = { initialMs: 250, maxMs: 15_000, factor: 2, jitter: 0.2, spread: 'around' };
/** Number of pages in a row that may be tried in one browser. */
const MAX_PAGES = 2;
/** Opening another page takes a tenth of a second; a browser that needs longer than this is replaced. */
const REPLACE_LIMIT_MS = 3_000;
const MEMORY_POLL_INTERVAL_MS = 5_000;

/** What a BrowserKeeper needs. */
export interface BrowserKeeperOptions {
  readonly chromium: ChromiumOptions;
  readonly pageUrl: string;
  readonly clock: Pick<Clock, 'monotonic'>;
  readonly random: () => number;
  readonly log: Logger;
  /** Called when the page is gone: it or the browser crashed, hung, exceeded its memory or did not start. */
  readonly onDown: (fault: Fault) => void;
  readonly onChange: () => void;
}

/** Owns the browser and its page and reports their state. The decision to start or stop them is not made here. */
export class BrowserKeeper {
  readonly #options: BrowserKeeperOptions;
  #browser: Browser | undefined;
  #phase: 'down' | 'starting' | 'up' = 'down';
  #since = 0;
  #heartbeatAt = 0;
  #retryAt = 0;
  #failures = 0;
  #pages = 0;
  #memoryMiB: number | undefined;
  #memoryAt = 0;
  #starting: Promise<void> = Promise.resolve();

  constructor(options: BrowserKeeperOptions) {
    this.#options = options;
  }

  get facts(): BrowserFacts {
    const failures = this.#failures;
    const since = this.#since;
    switch (this.#phase) {
      case 'down':
        return { phase: 'down', retryAt: this.#retryAt, failures };
      case 'starting':
        return { phase: 'starting', since, failures };
      case 'up':
        return { phase: 'up', since, heartbeatAt: this.#heartbeatAt, memoryMiB: this.#memoryMiB, failures };
    }
  }

  get pid(): number | undefined {
    return this.#browser?.process()?.pid;
  }

  /** To be called when the page sends a heartbeat. */
  heartbeat(): void {
    if (this.#phase !== 'up') return;
    const now = this.#options.clock.monotonic();
    this.#heartbeatAt = now;
    if (now - this.#memoryAt < MEMORY_POLL_INTERVAL_MS) return;
    this.#memoryAt = now;
    void this.#measureMemory();
  }

  start(): void {
    if (this.#phase !== 'down') return;
    this.#enter('starting');
    this.#starting = this.#launch();
  }

  /** Ends the page because of `fault` and opens another, in a new browser if a new page has not helped before. */
  replacePage(fault: Fault): void {
    const browser = this.#browser;
    if (browser === undefined || this.#phase !== 'up') return;
    if (this.#steady()) this.#pages = 0;
    if (++this.#pages > MAX_PAGES) {
      this.stop(fault);
      return;
    }
    const { log, onDown } = this.#options;
    log.warn({ part: 'browser', reason: fault.reason }, fault.message);
    this.#enter('starting');
    onDown(fault);
    this.#starting = this.#replace(browser);
  }

  /** Ends the browser because of `fault`. Another may be started after the backoff. */
  stop(fault: Fault): void {
    const browser = this.#browser;
    this.#down(fault);
    if (browser !== undefined) void closeChromium(browser, 0);
  }

  /** Ends the browser permanently. */
  async close(): Promise<void> {
    const browser = this.#browser;
    this.#phase = 'down';
    this.#browser = undefined;
    this.#retryAt = Infinity;
    if (browser !== undefined) await closeChromium(browser);
    await this.#starting;
  }

  async #launch(): Promise<void> {
    const { chromium, pageUrl } = this.#options;
    let browser: Browser | undefined;
    try {
      browser = await startChromium(chromium);
      if (this.#phase !== 'starting') {
        await closeChromium(browser, 0); // the keeper was closed while the browser started
        return;
      }
      this.#browser = browser;
      this.#pages = 0;
      const started = browser;
      browser.once('disconnected', () => {
        if (this.#browser === started)
          this.stop({ reason: 'BrowserCrashed', message: 'The browser exited unexpectedly.' });
      });
      this.#up(browser, await openFirstPage(browser, pageUrl));
    } catch (error) {
      this.#failed(browser, 'The browser did not start.', error);
    }
  }

  async #replace(browser: Browser): Promise<void> {
    const { pageUrl } = this.#options;
    const limit = setTimeout(() => {
      this.#failed(browser, `The browser did not open another page within ${REPLACE_LIMIT_MS / 1_000} s.`);
    }, REPLACE_LIMIT_MS);
    try {
      this.#up(browser, await openAnotherPage(browser, pageUrl));
    } catch (error) {
      this.#failed(browser, 'The browser could not open another page.', error);
    } finally {
      clearTimeout(limit);
    }
  }

  #up(browser: Browser, page: Page): void {
    const { clock, log, onChange } = this.#options;
    if (this.#browser !== browser || this.#phase !== 'starting') return;
    const milliseconds = Math.round(clock.monotonic() - this.#since);
    this.#enter('up');
    this.#heartbeatAt = clock.monotonic();
    this.#memoryMiB = undefined;
    log.info({ part: 'browser', pid: this.pid, milliseconds }, 'page up');
    page.once('error', () => {
      if (this.#browser === browser)
        this.replacePage({ reason: 'BrowserCrashed', message: 'The page crashed.' });
    });
    onChange();
  }

  /** Handles a browser or page that did not start: ends what exists of it. */
  #failed(browser: Browser | undefined, message: string, error?: unknown): void {
    if (this.#phase !== 'starting' || this.#browser !== browser) return;
    const detail = error === undefined ? {} : { detail: errorText(error) };
    this.stop({ reason: 'BrowserCrashed', message, ...detail });
  }

  #down(fault: Fault): void {
    const { clock, random, log, onDown } = this.#options;
    this.#failures = (this.#steady() ? 0 : this.#failures) + 1;
    this.#retryAt = clock.monotonic() + backoffDelay(BACKOFF, this.#failures, random);
    this.#browser = undefined;
    this.#enter('down');
    log.warn(
      { part: 'browser', reason: fault.reason, failures: this.#failures, detail: fault.detail },
      fault.message,
    );
    onDown(fault);
  }

  #steady(): boolean {
    return this.#phase === 'up' && this.#options.clock.monotonic() - this.#since > STEADY_AFTER_MS;
  }

  #enter(phase: 'down' | 'starting' | 'up'): void {
    this.#phase = phase;
    this.#since = this.#options.clock.monotonic();
  }

  async #measureMemory(): Promise<void> {
    const browser = this.#browser;
    if (browser === undefined) return;
    try {
      const memory = await anonymousMemoryMiB((await browserProcesses(browser)).map(({ id }) => id));
      if (this.#browser === browser) this.#memoryMiB = memory;
    } catch {
      // A process has ended in the meantime; the events of the browser report that.
    }
  }
}
