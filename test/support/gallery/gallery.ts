/** Pages with every state of the player and of the seller's view, in a real Chromium. */
import { resolve } from 'node:path';
import { build, type OutputFile } from 'esbuild';
import type { Browser, Page } from 'puppeteer-core';
import { z } from 'zod';
import { openChromium } from '../browser/chromium.ts';

const checkout = resolve(import.meta.dirname, '../../..');

/** A phone, a tablet, a desktop. */
const galleryWidths = [360, 768, 1280] as const;
const galleryThemes = ['light', 'dark'] as const;
type GalleryTheme = (typeof galleryThemes)[number];

/** What a page is looked at in. */
export interface GalleryLook {
  readonly width: number;
  readonly theme: GalleryTheme;
}
/** Each width, light and dark. */
export const galleryLooks = galleryWidths.flatMap((width) =>
  galleryThemes.map((theme): GalleryLook => ({ width, theme })),
);

export interface GalleryOptions extends GalleryLook {
  /** Name of one item; default: all that can stand beside each other. */
  readonly only?: string;
}

const pageStyle = `
  body { margin: 0; font: 16px/1.4 system-ui, sans-serif; }
  body[data-theme=dark] { background: #101216; color: #eee; }
  main { display: grid; gap: 16px; max-width: 1248px; margin: auto; padding: 8px; }
  h1, h2 { font-size: 1rem; margin: 4px 0; }`;

/** What a gallery shows: its page, its look, and the element that each item has. */
const subjects = {
  player: { page: 'test/web/gallery/page.tsx', style: 'src/web/player/player.css', item: '.lc-player' },
  seller: {
    page: 'test/web/gallery/seller-page.tsx',
    style: 'src/web/seller/seller.css',
    item: '.lc-seller',
  },
} as const;
export type GallerySubject = keyof typeof subjects;

export class Gallery implements AsyncDisposable {
  readonly #browser: Browser;
  readonly #script: string;
  readonly #style: string;
  /** Selects the items. */
  readonly item: string;
  /** Errors and warnings of the page's console since the start. */
  readonly complaints: string[] = [];

  private constructor(subject: GallerySubject, browser: Browser, files: readonly OutputFile[]) {
    const text = (kind: string): string =>
      files.flatMap((file) => (file.path.endsWith(kind) ? [file.text] : [])).join('');
    this.#browser = browser;
    this.#script = text('.js');
    this.#style = text('.css');
    this.item = subjects[subject].item;
  }

  static async open(subject: GallerySubject): Promise<Gallery> {
    const { page, style } = subjects[subject];
    const { outputFiles } = await build({
      entryPoints: [resolve(checkout, page), resolve(checkout, style)],
      bundle: true,
      write: false,
      outdir: 'gallery',
      minify: true,
      jsx: 'automatic',
      charset: 'utf8',
      define: { 'process.env.NODE_ENV': '"production"' },
      logLevel: 'silent',
    });
    const browser = await openChromium(['--font-render-hinting=none', '--disable-lcd-text']);
    return new Gallery(subject, browser, outputFiles);
  }

  /** Opens the page; what an item opens by itself is open then. The caller closes the page. */
  async show({ width, theme, only }: GalleryOptions): Promise<Page> {
    const page = await this.#browser.newPage();
    page.on('pageerror', (error) => this.complaints.push(String(error)));
    page.on('console', (message) => {
      if (['error', 'warn'].includes(message.type())) this.complaints.push(message.text());
    });
    await page.setViewport({ width, height: width < 500 ? 640 : 800 });
    const shown = only === undefined ? '' : ` data-only="${only}"`;
    await page.setContent(
      `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Gallery</title>
      <meta name="viewport" content="width=device-width"><style>${pageStyle}${this.#style}</style></head>
      <body data-theme="${theme}"${shown}><div id="gallery"></div><script>${this.#script.replaceAll('</script', String.raw`<\/script`)}</script></body></html>`,
    );
    await page.waitForSelector(this.item);
    return page;
  }

  /** Names of the items that are shown alone. */
  async alone(): Promise<readonly string[]> {
    const page = await this.show({ width: 768, theme: 'light' });
    try {
      return z
        .string()
        .parse(await page.evaluate('document.body.dataset.alone'))
        .split(' ');
    } finally {
      await page.close();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#browser.close();
  }
}
