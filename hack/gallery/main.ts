/**
 * node hack/gallery/main.ts SUBJECT [FOLDER]     writes pictures of a subject, player or seller, into
 *                                                docs/pictures/SUBJECT (or FOLDER)
 * node hack/gallery/main.ts SUBJECT FOLDER all   every state, width and theme
 */
import { mkdir } from 'node:fs/promises';
import { resolve } from 'node:path';
import {
  Gallery,
  galleryLooks,
  type GalleryOptions,
  type GallerySubject,
} from '../../test/support/gallery/gallery.ts';

const [name, ...rest] = process.argv.slice(2);
const subject = name === 'seller' ? 'seller' : 'player';
const [folder = resolve(import.meta.dirname, '../../docs/pictures', subject), which] = rest;

/** What the pages of docs show. */
const shownInDocs: Readonly<Record<GallerySubject, readonly Required<GalleryOptions>[]>> = {
  player: [
    { only: 'playing', width: 768, theme: 'light' },
    { only: 'playing', width: 768, theme: 'dark' },
    { only: 'muted', width: 360, theme: 'dark' },
    { only: 'reconnecting', width: 768, theme: 'dark' },
    { only: 'waiting-for-host', width: 768, theme: 'light' },
    { only: 'quality-menu', width: 768, theme: 'dark' },
  ],
  seller: [
    { only: 'good', width: 768, theme: 'light' },
    { only: 'poor', width: 768, theme: 'dark' },
    { only: 'choose-agora', width: 768, theme: 'light' },
    { only: 'preview-playing', width: 360, theme: 'dark' },
  ],
};

await using gallery = await Gallery.open(subject);
await mkdir(folder, { recursive: true });
if (which === 'all') {
  const alone = await gallery.alone();
  for (const { width, theme } of galleryLooks) {
    await shoot({ width, theme }, `all-${width}-${theme}`);
    for (const only of alone) await shoot({ width, theme, only }, `${only}-${width}-${theme}`);
  }
} else {
  for (const options of shownInDocs[subject])
    await shoot(options, `${options.only}-${options.width}-${options.theme}`, gallery.item);
}

/** `selector`: that element alone, or the dialog that it opens; default: the page. */
async function shoot(options: GalleryOptions, name: string, selector?: string): Promise<void> {
  const page = await gallery.show(options);
  // A spinner that stands still is the same in each run.
  await page.emulateMediaFeatures([{ name: 'prefers-reduced-motion', value: 'reduce' }]);
  // Menus open and texts settle.
  await page.waitForNetworkIdle({ idleTime: 700 });
  const element = selector === undefined ? null : ((await page.$('dialog')) ?? (await page.$(selector)));
  const clip = (await element?.boundingBox()) ?? undefined;
  const path = `${resolve(folder, name)}.png`;
  await page.screenshot(clip === undefined ? { path, fullPage: true } : { path, clip });
  await page.close();
}
