import { expect } from '@jest/globals';
import type { PlayerPage, Seen } from './player-page.ts';

/** Viewers who watch the same stream in different browsers. What is awaited is awaited of each of them. */
export class Audience implements AsyncDisposable {
  readonly pages: readonly PlayerPage[];

  constructor(pages: readonly PlayerPage[]) {
    this.pages = pages;
  }

  each<T>(act: (page: PlayerPage) => Promise<T>): Promise<T[]> {
    return Promise.all(this.pages.map(act));
  }

  until(what: string, seconds: number, accept: (seen: Seen) => boolean): Promise<Seen[]> {
    return this.each((page) => page.until(what, seconds, accept));
  }

  untilPlaying(seconds: number): Promise<number[]> {
    return this.each((page) => page.untilPlaying(seconds));
  }

  /** Like `untilPlaying`, and says how long each of them waited since media is there again. */
  async untilPlayingAgain(what: string, seconds: number, since = performance.now()): Promise<void> {
    const waits = await this.each(async (page) => {
      const waited = ((await page.untilPlaying(seconds)) - since) / 1_000;
      return `${page.viewer} ${waited.toFixed(1)} s`;
    });
    console.log(`plays again after ${what}: ${waits.join(', ')}`);
  }

  /** No page has complained, and none was black after its first frame. */
  expectNoFaults(): void {
    for (const page of this.pages)
      expect({ viewer: page.viewer, ...page.faults() }).toEqual({
        viewer: page.viewer,
        complaints: [],
        black: 0,
      });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.each((page) => page[Symbol.asyncDispose]());
  }
}
