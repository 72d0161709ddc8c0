import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { Audience } from './audience.ts';
import { PlayerPage } from './player-page.ts';
import { PuppeteerViewer } from './puppeteer-viewer.ts';
import type { Viewer } from './viewer.ts';
import { WebKitViewer } from './webkit-viewer.ts';

/** Buyers with Chromium, Firefox and WebKit, who open pages of the service. */
export class Buyers implements AsyncDisposable {
  readonly #viewers: readonly Viewer[];
  readonly #reader: string;

  private constructor(viewers: readonly Viewer[], reader: string) {
    this.#viewers = viewers;
    this.#reader = reader;
  }

  static async open(): Promise<Buyers> {
    const reader = await buildReader();
    await using opened = new AsyncDisposableStack();
    const viewers = [
      opened.use(await PuppeteerViewer.chromium()),
      opened.use(await PuppeteerViewer.firefox()),
      opened.use(await WebKitViewer.open()),
    ];
    opened.move();
    return new Buyers(viewers, reader);
  }

  /** Each of them opens a page with the player's component. */
  async watch(address: string): Promise<Audience> {
    await using opened = new AsyncDisposableStack();
    const pages: PlayerPage[] = [];
    // One after the other: the start of a browser takes more of a small machine than playback.
    for (const viewer of this.#viewers) {
      const page = opened.use(new PlayerPage(viewer.name, await viewer.open(address)));
      await page.page.evaluate(this.#reader);
      pages.push(page);
    }
    opened.move();
    return new Audience(pages);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#viewers.map((viewer) => viewer[Symbol.asyncDispose]()));
  }
}

/** An expression that gives a page readPage(). */
async function buildReader(): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL('../../fixtures/hls/page/read-player.ts', import.meta.url))],
    bundle: true,
    write: false,
    format: 'iife',
    target: 'es2022',
  });
  return `(() => { ${outputFiles[0]?.text ?? ''} })()`;
}
