import { afterAll, beforeAll, expect } from '@jest/globals';
import type { Page } from 'puppeteer-core';
import { z } from 'zod';
import { axeViolations } from '../browser/axe-violations.ts';
import { eventually } from '../wait/eventually.ts';
import { Gallery, type GalleryLook, type GalleryOptions, type GallerySubject } from './gallery.ts';

/** A gallery that is open during the tests of a file, whose pages must log no error and no warning. */
export class GalleryUnderTest {
  #gallery: Gallery | undefined;
  #alone: readonly string[] = [];

  constructor(subject: GallerySubject) {
    beforeAll(async () => {
      this.#gallery = await Gallery.open(subject);
      this.#alone = await this.#gallery.alone();
    }, 60_000);
    afterAll(async () => {
      const complaints = this.#gallery?.complaints;
      await this.#gallery?.[Symbol.asyncDispose]();
      expect(complaints).toEqual([]);
    });
  }

  /** Names of the items that are shown alone: those that open a menu or a dialog. */
  get alone(): readonly string[] {
    return this.#alone;
  }

  show(options: GalleryOptions): Promise<Page> {
    if (this.#gallery === undefined) throw new Error('the gallery is not open');
    return this.#gallery.show(options);
  }

  /** Requires that all states are without findings, and as wide as the window. */
  async expectStates(look: GalleryLook, misplaced: string): Promise<void> {
    const page = await this.show(look);
    expect(await axeViolations(page)).toEqual([]);
    expect(z.array(z.string()).parse(await page.evaluate(misplaced))).toEqual([]);
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(look.width);
    await page.close();
  }

  /** Requires of each item that is shown alone that its layers are inside the window, and without findings. */
  async expectLayers(look: GalleryLook): Promise<void> {
    for (const only of this.#alone) {
      const page = await this.show({ ...look, only });
      const inside = await eventually(`${only} is open`, 10, async () => {
        const boxes = z.array(z.boolean()).parse(
          await page.evaluate(`[...document.querySelectorAll('.lc-menu, dialog')].map((layer) => {
            const { left, top, right, bottom } = layer.getBoundingClientRect();
            return left >= 0 && top >= 0 && right <= innerWidth && bottom <= innerHeight;
          })`),
        );
        if (boxes.length === 0) throw new Error('nothing is open');
        return boxes;
      });
      expect({ only, inside, found: await axeViolations(page) }).toEqual({ only, inside: [true], found: [] });
      await page.close();
    }
  }
}
