import type { Page } from 'puppeteer-core';
import { HlsServer } from '../../fixtures/hls/hls-server.ts';
import { PuppeteerViewer } from '../../support/browser/puppeteer-viewer.ts';
import type { Viewer } from '../../support/browser/viewer.ts';
import { WebKitViewer } from '../../support/browser/webkit-viewer.ts';
import { Audience } from '../../support/browser/audience.ts';
import { PlayerPage } from '../../support/browser/player-page.ts';

/** Parameters of the page: test/fixtures/hls/page/bare-page.ts. */
type Parameters = Readonly<Record<string, string>>;

/** Browsers, and a server of live streams and of pages with the player. */
export class PlayerStage implements AsyncDisposable {
  readonly server: HlsServer;
  readonly #chromium: PuppeteerViewer;
  #others: Promise<readonly Viewer[]> | undefined;

  private constructor(server: HlsServer, chromium: PuppeteerViewer) {
    this.server = server;
    this.#chromium = chromium;
  }

  static async open(): Promise<PlayerStage> {
    return new PlayerStage(await HlsServer.start(), await PuppeteerViewer.chromium());
  }

  /** Viewers who play an address: Chromium, Firefox, WebKit, and WebKit with what iPhones have instead of Media Source. */
  play(playlist: string): Promise<Audience> {
    return this.#open({ src: playlist });
  }

  /** The same of a channel of the service beside the streams. */
  playChannel(channel: string): Promise<Audience> {
    return this.#open({ channel });
  }

  /** A viewer with Chromium alone, whose page can be prepared, and whose network can be cut. */
  async playInChromium(
    parameters: Parameters,
    prepare?: (page: Page) => Promise<unknown>,
  ): Promise<{ readonly player: PlayerPage; readonly page: Page }> {
    const opened = await this.#chromium.open(this.#address(parameters), prepare);
    return { player: new PlayerPage('chromium', opened), page: opened.page };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const others = (await this.#others) ?? [];
    await Promise.all([this.#chromium, ...others].map((viewer) => viewer[Symbol.asyncDispose]()));
    await this.server[Symbol.asyncDispose]();
  }

  async #open(parameters: Parameters): Promise<Audience> {
    const others = await (this.#others ??= Promise.all([PuppeteerViewer.firefox(), WebKitViewer.open()]));
    const open = async (viewer: Viewer, name = viewer.name, more: Parameters = {}): Promise<PlayerPage> =>
      new PlayerPage(name, await viewer.open(this.#address({ ...parameters, ...more })));
    const iPhone = others
      .filter(({ name }) => name === 'webkit')
      .map((viewer) => open(viewer, 'webkit (managed)', { media: 'managed' }));
    const viewers = [this.#chromium, ...others].map((viewer) => open(viewer));
    const opened = await Promise.allSettled([...viewers, ...iPhone]);
    await using audience = new AsyncDisposableStack();
    const pages = opened.flatMap((each) => (each.status === 'fulfilled' ? [audience.use(each.value)] : []));
    // Those that were opened play on otherwise, beside all later tests.
    for (const each of opened) if (each.status === 'rejected') throw each.reason;
    audience.move();
    return new Audience(pages);
  }

  #address(parameters: Parameters): string {
    return `${this.server.url}/?${new URLSearchParams(parameters).toString()}`;
  }
}
