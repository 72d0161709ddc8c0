import { expect } from '@jest/globals';
import { KnownDevices, type Page } from 'puppeteer-core';
import { eventually } from '../../support/wait/eventually.ts';

/** What a finger needs (WCAG 2.2, 2.5.5), in CSS pixels. */
const LEAST_TARGET = 44;

const targets = `[...document.querySelectorAll('button, a[href], input, select, summary')]
  .filter((each) => each.checkVisibility({ opacityProperty: true, visibilityProperty: true }))
  .map((each) => [each.getAttribute('aria-label') ?? each.textContent, each.getBoundingClientRect()])`;

/** From now on, the page is on a phone with a touch screen. */
export async function emulatePhone(page: Page, held: 'upright' | 'sideways' = 'upright'): Promise<void> {
  await page.emulate(KnownDevices[held === 'upright' ? 'Pixel 5' : 'Pixel 5 landscape']);
}

/** Each target is large enough and on the screen, and nothing is wider than the screen; or higher, unless it scrolls down. */
export async function expectFitsPhone(page: Page, scrolls?: 'and scrolls down'): Promise<void> {
  const found = await page.evaluate(`({
    targets: ${targets}.length,
    small: ${targets}.filter(([, { width, height }]) => Math.round(Math.min(width, height)) < ${String(LEAST_TARGET)})
      .map(([name, { width, height }]) => name + ' ' + width + ' x ' + height),
    outside: ${targets}.filter(([, { left, right }]) => left < 0 || right > innerWidth).map(([name]) => name),
    wider: document.documentElement.scrollWidth > innerWidth,
    higher: document.documentElement.scrollHeight > innerHeight,
  })`);
  const higher = scrolls !== undefined;
  expect(found).toEqual({ targets: expect.any(Number), small: [], outside: [], wider: false, higher });
  expect(found).not.toMatchObject({ targets: 0 });
}

/** Taps the middle of what a selector finds. */
export async function tapMiddle(page: Page, selector: string): Promise<void> {
  const box = await (await page.waitForSelector(selector))?.boundingBox();
  if (box === undefined || box === null) throw new Error(`${selector} is not on the screen`);
  await page.touchscreen.tap(box.x + box.width / 2, box.y + box.height / 2);
}

/** Waits until the player has these attributes, such as data-state. */
export const untilPlayer = (page: Page, attributes: Readonly<Record<string, string>>): Promise<true> =>
  eventually(JSON.stringify(attributes), 30, async () => {
    const dataset = await page.evaluate(`({ ...document.querySelector('.lc-player')?.dataset })`);
    expect(dataset).toMatchObject(attributes);
    return true;
  });
