import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { z } from 'zod';
import { Gallery, galleryThemes, galleryWidths } from '../../support/gallery/gallery.ts';
import { eventually } from '../../support/wait/eventually.ts';

let gallery: Gallery;
let alone: readonly string[];
beforeAll(async () => {
  gallery = await Gallery.open('seller');
  alone = await gallery.alone();
}, 60_000);
afterAll(async () => {
  const { complaints } = gallery;
  await gallery[Symbol.asyncDispose]();
  expect(complaints).toEqual([]);
});

const looks = galleryWidths.flatMap((width) => galleryThemes.map((theme) => ({ width, theme })));

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

const textsSchema = z.array(z.string());

describe.each(looks)('$width pixels, $theme', (look) => {
  test('axe finds nothing in any state, and all lies inside its view and can be touched', async () => {
    const page = await gallery.show(look);
    expect(await gallery.violations(page)).toEqual([]);
    expect(textsSchema.parse(await page.evaluate(misplaced))).toEqual([]);
    const width = z.number().parse(await page.evaluate('document.documentElement.scrollWidth'));
    expect(width).toBe(look.width);
    await page.close();
  });

  test('axe finds nothing in any dialog, and each lies inside the window', async () => {
    expect(alone).toEqual(['choose-agora', 'stop']);
    for (const only of alone) {
      const page = await gallery.show({ ...look, only });
      const inside = await eventually(`${only} is open`, 10, async () => {
        const box = z.boolean().parse(
          await page.evaluate(`(() => {
            const { left, top, right, bottom } = document.querySelector('dialog').getBoundingClientRect();
            return left >= 0 && top >= 0 && right <= innerWidth && bottom <= innerHeight;
          })()`),
        );
        return [box];
      });
      expect({ only, inside }).toEqual({ only, inside: [true] });
      expect({ only, found: await gallery.violations(page) }).toEqual({ only, found: [] });
      await page.close();
    }
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
