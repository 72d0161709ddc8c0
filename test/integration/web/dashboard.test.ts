import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { Browser, Page } from 'puppeteer-core';
import { z } from 'zod';
import { axeViolations } from '../../support/browser/axe-violations.ts';
import { openChromium } from '../../support/browser/chromium.ts';
import { galleryLooks, type GalleryLook } from '../../support/gallery/gallery.ts';
import { eventually } from '../../support/wait/eventually.ts';
import { alertOf, channelOf, NOW } from '../../web/dashboard/sample-data.ts';
import type { FakeService } from '../../web/dashboard/fake-service.ts';
import { DashboardStage } from './dashboard-stage.ts';

/** Bytes of what the first page needs, compressed. */
const FIRST_LOAD_BYTES = 230_000;

let stage: DashboardStage;
let browser: Browser;
const complaints: string[] = [];
beforeAll(async () => {
  stage = await DashboardStage.open();
  browser = await openChromium(['--font-render-hinting=none', '--disable-lcd-text']);
}, 120_000);
afterAll(async () => {
  await browser.close();
  await stage[Symbol.asyncDispose]();
});
afterEach(async () => {
  // Each has a stream, of which browsers open six at most.
  for (const page of await browser.pages()) await page.close();
});
beforeEach(() => {
  stage.reset();
  complaints.length = 0;
});

const heightOf = (width: number): number => (width < 500 ? 740 : 900);

/** Opens an address. Whatever the page violates or complains about is remembered. */
async function open(
  path: string,
  { width, theme }: GalleryLook = { width: 1280, theme: 'light' },
): Promise<Page> {
  const page = await browser.newPage();
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('console', (message) => {
    if (['error', 'warn'].includes(message.type())) complaints.push(message.text());
  });
  await page.evaluateOnNewDocument(`addEventListener('securitypolicyviolation', (event) =>
    console.error('violates ' + event.effectiveDirective + ': ' + event.sample + event.blockedURI))`);
  // The time of the samples, so that screenshots can be compared.
  await page.evaluateOnNewDocument(`Date.now = () => ${NOW}`);
  await page.emulateTimezone('UTC');
  await page.setViewport({ width, height: heightOf(width) });
  await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: theme }]);
  await page.goto(stage.url(path));
  return page;
}

interface State {
  readonly name: string;
  readonly path: string;
  /** A selector of what is there when the state is reached. */
  readonly shows: string;
  readonly prepare?: (service: FakeService) => void;
  /** Selectors to press, in their order. */
  readonly press?: readonly string[];
  /** What is entered after the first press. */
  readonly type?: { readonly into: string; readonly text: string };
}

const signedOut = (service: FakeService): void => {
  service.session = undefined;
};
const operates = (service: FakeService): void => {
  if (service.session !== undefined) service.session = { ...service.session, scope: 'operate' };
};
const crowd = Array.from({ length: 500 }, (_, index) => channelOf(`show-${index}`));

const states: readonly State[] = [
  { name: 'overview', path: '/dashboard', shows: '.body-row' },
  {
    name: 'overview-500',
    path: '/dashboard?sort=id',
    shows: '.body-row',
    prepare: (service) => {
      service.channels = crowd;
    },
  },
  { name: 'nothing-matches', path: '/dashboard?q=nothing', shows: '.filters + .notice' },
  {
    name: 'first-run',
    path: '/dashboard',
    shows: '.first-run',
    prepare: (service) => {
      service.channels = [];
    },
  },
  { name: 'filter-open', path: '/dashboard', shows: '.list-box', press: ['.filters .select'] },
  { name: 'channel', path: '/dashboard/channels/autumn-sale', shows: '.chart:nth-child(4) canvas' },
  { name: 'channel-failing', path: '/dashboard/channels/toy-fair', shows: '.chart:nth-child(4) canvas' },
  {
    name: 'channel-table',
    path: '/dashboard/channels/autumn-sale',
    shows: '.chart .data',
    press: ['.chart .button'],
  },
  { name: 'stop', path: '/dashboard/channels/autumn-sale', shows: '.dialog', press: ['.actions .button'] },
  {
    name: 'change',
    path: '/dashboard/channels/autumn-sale',
    shows: '.dialog',
    press: ['.actions .button:nth-child(2)'],
  },
  {
    name: 'caps',
    path: '/dashboard/channels/autumn-sale',
    shows: '.dialog',
    press: ['.actions .button:nth-child(3)'],
  },
  {
    name: 'rotate-key',
    path: '/dashboard/channels/autumn-sale',
    shows: '.dialog',
    press: ['.actions .button:nth-child(5)'],
  },
  { name: 'channel-gone', path: '/dashboard/channels/gone', shows: 'h1 + .notice' },
  { name: 'alerts', path: '/dashboard/alerts', shows: '.alert' },
  {
    name: 'no-alerts',
    path: '/dashboard/alerts',
    shows: 'h1 + .notice',
    prepare: (service) => {
      service.alerts = [];
    },
  },
  { name: 'platforms', path: '/dashboard/platforms', shows: '.meter' },
  { name: 'audit', path: '/dashboard/audit', shows: '.data' },
  {
    name: 'audit-filtered',
    path: '/dashboard/audit?actor=api-key:3fK9sLq0XbTz&from=2026-11-30T10:00:00Z',
    shows: '.data',
  },
  { name: 'api-keys', path: '/dashboard/api-keys', shows: '.data' },
  { name: 'api-keys-refused', path: '/dashboard/api-keys', shows: '#not-allowed', prepare: operates },
  { name: 'create-key', path: '/dashboard/api-keys', shows: '.dialog', press: ['.button.primary'] },
  {
    name: 'created-key',
    path: '/dashboard/api-keys',
    shows: '.copy-field',
    press: ['.button.primary', '.dialog .button.primary'],
    type: { into: '.dialog .input', text: 'ann' },
  },
  { name: 'revoke-key', path: '/dashboard/api-keys', shows: '.dialog', press: ['.button.danger'] },
  { name: 'costs', path: '/dashboard/costs', shows: '.plot canvas' },
  {
    name: 'costs-tables',
    path: '/dashboard/costs?by=day&range=today',
    shows: '.chart .data',
    press: ['.chart .button'],
  },
  { name: 'costs-refused', path: '/dashboard/costs', shows: '#not-allowed', prepare: operates },
  { name: 'login', path: '/dashboard', shows: '.login', prepare: signedOut },
  { name: 'no-page', path: '/dashboard/nowhere', shows: 'h1 + .button' },
];

async function reach(state: State, look: GalleryLook): Promise<Page> {
  stage.reset();
  state.prepare?.(stage.service);
  const page = await open(state.path, look);
  for (const [index, selector] of (state.press ?? []).entries()) {
    if (state.type !== undefined && index > 0) {
      await page.waitForSelector(state.type.into);
      await page.type(state.type.into, state.type.text);
    }
    await page.waitForSelector(selector);
    await page.click(selector);
  }
  await page.waitForSelector(state.shows);
  return page;
}

/** Changes the window of a page, and waits until it is drawn. */
async function changeLook(page: Page, { width, theme }: GalleryLook): Promise<void> {
  await page.setViewport({ width, height: heightOf(width) });
  await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: theme }]);
  await page.evaluate(`new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))`);
}

async function keepScreenshot(page: Page, name: string): Promise<void> {
  const folder = process.env['DASHBOARD_SCREENSHOTS'];
  if (folder !== undefined) await page.screenshot({ path: `${folder}/${name}.png`, fullPage: true });
}

test.each(states)(
  '$name: at each width, light and dark, axe finds nothing, nothing is wider than the window, the policy holds',
  async (state) => {
    let page: Page | undefined;
    for (const look of galleryLooks) {
      if (page !== undefined) await changeLook(page, look);
      // A list that is open may close when the window changes.
      if (page === undefined || (await page.$(state.shows)) === null) page = await reach(state, look);
      const { width, theme } = look;
      await keepScreenshot(page, `${state.name}-${width}-${theme}`);
      expect({
        look,
        violations: await axeViolations(page),
        width: await page.evaluate('document.documentElement.scrollWidth'),
      }).toEqual({ look, violations: [], width });
    }
    expect(complaints.filter((text) => !expected(state, text))).toEqual([]);
  },
);

/** Browsers log answers with 401, which is how a page learns that there is no session. */
function expected({ prepare }: State, complaint: string): boolean {
  return prepare === signedOut && complaint.includes('status of 401');
}

test('the first page needs at most 230 kB', () => {
  const { files, index } = stage.page;
  const needed = [index.script, ...index.styles, ...index.preload];
  const bytes = needed.reduce((sum, name) => sum + (files.get(name)?.gzipped.length ?? Infinity), 0);
  expect(bytes).toBeLessThanOrEqual(FIRST_LOAD_BYTES);
});

describe('with 500 channels', () => {
  test('a filter is applied in the task of the key, without a request', async () => {
    stage.service.channels = crowd;
    const page = await open('/dashboard');
    await page.waitForSelector('.body-row');
    await page.type('input[type=search]', 'show-42');
    await eventually('the rows are those that match', 5, async () => {
      expect(
        await page.evaluate(`document.querySelector('[role=table]').getAttribute('aria-rowcount')`),
      ).toBe('12');
      return true;
    });
  });

  test('every row can be reached by scrolling', async () => {
    stage.service.channels = crowd;
    const page = await open('/dashboard?sort=id');
    await page.waitForSelector('.body-row');
    await page.evaluate(`document.querySelector('[role=table]').scrollTo(0, 1e6)`);
    await page.waitForSelector('[aria-rowindex="501"]');
    expect(
      await page.evaluate(`document.querySelector('[aria-rowindex="501"]').textContent.includes('show-499')`),
    ).toBe(true);
  });
});

describe('with a keyboard in a browser', () => {
  test('a dialog keeps the focus, closes by Esc, and returns it', async () => {
    const page = await open('/dashboard/channels/autumn-sale');
    await page.waitForSelector('.actions .button');
    await page.focus('.actions .button');
    await page.keyboard.press('Enter');
    await page.waitForSelector('.dialog');
    for (let presses = 0; presses < 4; presses += 1) {
      await page.keyboard.press('Tab');
      expect(await page.evaluate(`document.activeElement.closest('.dialog') !== null`)).toBe(true);
    }
    await page.keyboard.press('Escape');
    await eventually('the focus is back', 5, async () => {
      expect(
        await page.evaluate(
          `document.querySelector('.dialog') === null && document.activeElement.textContent`,
        ),
      ).toBe('Stop');
      return true;
    });
  });

  test('a drawn chart says the values at its cursor', async () => {
    const page = await open('/dashboard/channels/autumn-sale');
    await page.waitForSelector('.chart:nth-child(4) canvas');
    await page.focus('.plot');
    await page.keyboard.press('Home');
    const legends = z
      .array(z.string())
      .parse(
        await page.evaluate(
          `[...document.querySelectorAll('.legend')].map(({ textContent }) => textContent)`,
        ),
      );
    expect(legends).toHaveLength(4);
    expect(legends[0]).toMatch(/HLS/);
    expect(await page.evaluate(`document.querySelector('.legend').getAttribute('aria-live')`)).toBe('polite');
  });
});

test('an alert that is raised appears on a page that is open', async () => {
  const page = await open('/dashboard/alerts');
  await page.waitForSelector('.alert');
  stage.service.send({ type: 'alert', id: '9.1', alert: alertOf('99', { kind: 'BudgetSpent' }) });
  await eventually('the alert is there', 5, async () => {
    expect(await page.evaluate(`document.body.textContent.includes('BudgetSpent')`)).toBe(true);
    return true;
  });
});
