import { describe, expect, test } from '@jest/globals';
import { galleryLooks } from '../../support/gallery/gallery.ts';
import { GalleryUnderTest } from '../../support/gallery/gallery-tests.ts';
import { eventually } from '../../support/wait/eventually.ts';

const gallery = new GalleryUnderTest('player');

/** Parts that lie outside their player, or are too small to be touched, as `item: part`. */
const misplaced = `[...document.querySelectorAll('.lc-player')].flatMap((player) => {
  const name = player.getAttribute('aria-label');
  const outer = player.getBoundingClientRect();
  return [...player.querySelectorAll('.lc-bar, .lc-bar button, .lc-message, .lc-action')].flatMap((part) => {
    const box = part.getBoundingClientRect();
    if (box.width === 0 || part.closest('.lc-menu, dialog') !== null) return [];
    const text = name + ': ' + (part.ariaLabel ?? (part.textContent || part.className));
    const outside = box.left < outer.left || box.right > outer.right || box.top < outer.top || box.bottom > outer.bottom;
    const small = part.tagName === 'BUTTON' && (box.width < 44 || box.height < 44);
    return [...(outside ? [text + ' is outside'] : []), ...(small ? [text + ' is too small'] : [])];
  });
})`;

/** Words and controls that lie over each other. */
const overlapping = `[...document.querySelectorAll('.lc-player')].flatMap((player) => {
  const boxes = [...player.querySelectorAll('.lc-message, .lc-bar, .lc-sound, .lc-title, .lc-live')]
    .map((part) => ({ part, box: part.getBoundingClientRect() }))
    .filter(({ box }) => box.width > 0);
  return boxes.flatMap(({ part, box }, index) => boxes.slice(index + 1)
    .filter(({ part: other, box: o }) => !part.contains(other) && !other.contains(part) &&
      box.left < o.right && o.left < box.right && box.top < o.bottom && o.top < box.bottom)
    .map(({ part: other }) => player.getAttribute('aria-label') + ': ' + part.className + ' over ' + other.className));
})`;

describe.each(galleryLooks)('$width pixels, $theme', (look) => {
  test('axe finds nothing in any state; every control is inside its player, and can be touched', async () => {
    await gallery.expectStates(look, misplaced);
  });

  test('no words and controls lie over each other', async () => {
    const page = await gallery.show(look);
    expect(await page.evaluate(overlapping)).toEqual([]);
    await page.close();
  });

  test('axe finds nothing in any menu and dialog, and each lies inside the window', async () => {
    expect(gallery.alone.length).toBeGreaterThan(3);
    await gallery.expectLayers(look);
  }, 120_000);
});

describe('with a keyboard in a browser', () => {
  const focused = `(document.activeElement.ariaLabel ?? document.activeElement.textContent).replace(/\\s+/g, ' ')`;

  test('Tab visits the controls in their order, each with a visible ring', async () => {
    const page = await gallery.show({ width: 1280, theme: 'light', only: 'playing' });
    const visited: unknown[] = [];
    for (let index = 0; index < 10; index += 1) {
      await page.keyboard.press('Tab');
      visited.push(await page.evaluate(focused));
      expect(await page.evaluate('getComputedStyle(document.activeElement).outlineStyle')).toBe('solid');
    }
    expect(visited).toEqual([
      ...['Pause', 'Mute', 'Volume', 'LIVE6 s behind', 'Quality: Auto 720p', 'Captions'],
      ...['Picture-in-picture', 'AirPlay', 'More', 'Full screen'],
    ]);
    await page.close();
  });

  test('menus and dialogs open, close by Esc, and return the focus', async () => {
    const page = await gallery.show({ width: 768, theme: 'dark', only: 'playing' });
    await page.focus('[aria-label="More"]');
    await page.keyboard.press('Enter');
    await eventually('the first item has the focus', 5, async () => {
      expect(await page.evaluate(focused)).toBe('Picture-in-picture');
      return true;
    });
    await page.keyboard.press('End');
    expect(await page.evaluate(focused)).toBe('Keyboard shortcuts');
    await page.keyboard.press('Enter');
    await page.waitForSelector('dialog[open]');
    await page.keyboard.press('Escape');
    await eventually('the focus is back', 5, async () => {
      expect(await page.evaluate(`document.querySelector('dialog') === null && ${focused}`)).toBe('More');
      return true;
    });
    await page.keyboard.press('Enter');
    await page.waitForSelector('[role=menu]');
    await page.keyboard.press('Escape');
    expect(await page.evaluate(`document.querySelector('[role=menu]') === null && ${focused}`)).toBe('More');
    await page.close();
  });

  test('on a phone a finger opens a menu inside the window, and closes it by a tap on the show, which goes on', async () => {
    const page = await gallery.show({ width: 390, theme: 'dark', only: 'playing' });
    const devtools = await page.createCDPSession();
    await devtools.send('Emulation.setTouchEmulationEnabled', { enabled: true });
    await (await page.waitForSelector('[aria-label="More"]'))?.tap();
    await page.waitForSelector('[role=menu]');
    const box = `(({ left, right, bottom }) => left >= 0 && right <= innerWidth && bottom <= innerHeight)(
      document.querySelector('.lc-menu').getBoundingClientRect())`;
    expect(await page.evaluate(box)).toBe(true);
    await (await page.waitForSelector('.lc-video'))?.tap();
    await page.waitForSelector('[role=menu]', { hidden: true });
    expect(await page.evaluate(`document.querySelector('[aria-label="Pause"]') !== null`)).toBe(true);
    await page.close();
  });

  test('nothing turns where motion is to be reduced', async () => {
    const page = await gallery.show({ width: 768, theme: 'dark', only: 'reconnecting' });
    const animation = `getComputedStyle(document.querySelector('.lc-spinner')).animationName`;
    expect(await page.evaluate(animation)).toBe('lc-turn');
    await page.emulateMediaFeatures([{ name: 'prefers-reduced-motion', value: 'reduce' }]);
    expect(await page.evaluate(animation)).toBe('none');
    await page.close();
  });
});
