import { describe, expect, test } from '@jest/globals';
import { galleryLooks } from '../../support/gallery/gallery.ts';
import { GalleryUnderTest } from '../../support/gallery/gallery-tests.ts';
import { eventually } from '../../support/wait/eventually.ts';

const gallery = new GalleryUnderTest('seller');

/** Parts that lie outside their view, or are too small to be touched, as `item: part`. */
const misplaced = `[...document.querySelectorAll('.lc-seller')].flatMap((view) => {
  const name = view.getAttribute('aria-label');
  const outer = view.getBoundingClientRect();
  return [...view.querySelectorAll('p, dd, dt, button, summary, svg, li, video')].flatMap((part) => {
    const box = part.getBoundingClientRect();
    if (box.width === 0 || part.closest('.lc-hidden') !== null) return [];
    const text = name + ': ' + (part.textContent || part.className);
    const outside = box.left < outer.left || box.right > outer.right;
    const small = part.matches('button, summary') && (box.width < 44 || box.height < 44);
    return [...(outside ? [text + ' is outside'] : []), ...(small ? [text + ' is too small'] : [])];
  });
})`;

describe.each(galleryLooks)('$width pixels, $theme', (look) => {
  test('axe finds nothing in any state, and all lies inside its view and can be touched', async () => {
    await gallery.expectStates(look, misplaced);
  });

  test('axe finds nothing in any dialog, and each lies inside the window', async () => {
    expect(gallery.alone).toEqual(['choose-agora', 'stop']);
    await gallery.expectLayers(look);
  });
});

test('with a keyboard: Tab visits what can be used, Esc cancels, and the focus goes back', async () => {
  const focused = `document.activeElement.textContent`;
  const page = await gallery.show({ width: 1280, theme: 'light', only: 'good' });
  const visited: unknown[] = [];
  for (let index = 0; index < 4; index += 1) {
    await page.keyboard.press('Tab');
    visited.push(await page.evaluate(focused));
    expect(await page.evaluate('getComputedStyle(document.activeElement).outlineStyle')).toBe('solid');
  }
  expect(visited).toEqual(['Take off air', 'Show as a table', 'Use Agora', 'Use HLS']);
  await page.keyboard.press('Enter');
  await page.waitForSelector('dialog[open]');
  await page.keyboard.press('Escape');
  await eventually('the focus is back', 5, async () => {
    expect(await page.evaluate(`document.querySelector('dialog') === null && ${focused}`)).toBe('Use HLS');
    return true;
  });
  await page.close();
});
