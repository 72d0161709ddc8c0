import { z } from 'zod';
import { readClock } from '../../fixtures/agora/clock-frame.ts';
import { FRAME_HEIGHT, FRAME_WIDTH } from '../../fixtures/hls/page/frame-size.ts';
import type { ViewerPage } from './viewer.ts';
import { eventually } from '../wait/eventually.ts';

/** Several pages on two cores: more often would take the time from the players. */
const LOOK_EVERY_MS = 100;

/** WebDriver has no undefined. */
const known = z
  .number()
  .nullish()
  .transform((value) => value ?? undefined);

const pageSchema = z.object({
  state: z.string(),
  retryAt: known,
  latency: known,
  frame: z.array(z.number()),
  sound: z.boolean(),
  complaints: z.array(z.string()),
  interruptions: z.number().default(0),
});

/** What a viewer sees and hears. */
export interface Seen {
  readonly state: string;
  readonly retryAt: number | undefined;
  readonly latency: number | undefined;
  /** The clock in the frame on the screen, in milliseconds; undefined: no such frame. */
  readonly clock: number | undefined;
  readonly isBlack: boolean;
  readonly sound: boolean;
  /** What went wrong in the page since it was opened. */
  readonly complaints: readonly string[];
  /** How often the screen had to be covered, or what was on it was reset, since the first frame; 0: not observed. */
  readonly interruptions: number;
}

/** A page with the player. */
export class PlayerPage implements AsyncDisposable {
  readonly viewer: string;
  readonly page: ViewerPage;
  /** Number of samples in which the screen was black after the first frame. */
  #black = 0;
  #hadFrame = false;
  #last: Seen | undefined;

  constructor(viewer: string, page: ViewerPage) {
    this.viewer = viewer;
    this.page = page;
  }

  async see(): Promise<Seen> {
    const { frame, ...seen } = pageSchema.parse(await this.page.evaluate('readPage()'));
    const isBlack = frame.length > 0 && frame.every((grey) => grey < 4);
    if (isBlack && this.#hadFrame) this.#black++;
    if (frame.length > 0 && !isBlack) this.#hadFrame = true;
    const clock = readClock(Uint8Array.from(frame), FRAME_WIDTH, FRAME_HEIGHT);
    this.#last = { ...seen, clock, isBlack };
    return this.#last;
  }

  /** Waits until the page shows this. */
  until(what: string, seconds: number, accept: (seen: Seen) => boolean): Promise<Seen> {
    const look = async (): Promise<Seen> => {
      const seen = await this.see();
      if (accept(seen)) return seen;
      throw new Error(`the page shows ${JSON.stringify(seen)}`);
    };
    return eventually(`${this.viewer}: ${what}`, seconds, look, { everyMs: LOOK_EVERY_MS });
  }

  /**
   * Waits until the clock in the frames advances, at the speed of playback, for two seconds of media. Resolves to the
   * time at which that began, on the clock of performance.now().
   */
  async untilPlaying(seconds: number): Promise<number> {
    let first: { readonly clock: number; readonly at: number } | undefined;
    await this.until('playback', seconds, ({ state, clock }) => {
      if (state !== 'playing' || clock === undefined) {
        first = undefined;
        return false;
      }
      if (first === undefined || clock < first.clock) first = { clock, at: performance.now() };
      return clock - first.clock >= 2_000 && performance.now() - first.at >= 1_000;
    });
    return first?.at ?? performance.now();
  }

  /** The longest time for which the screen stood still since the last call, in milliseconds. */
  async takeLongestStill(): Promise<number> {
    return z.number().parse(await this.page.evaluate('takeLongestStill()'));
  }

  /** What the page has complained about, and how many samples were black after the first frame. */
  faults(): { readonly complaints: readonly string[]; readonly black: number } {
    return { complaints: this.#last?.complaints ?? [], black: this.#black };
  }

  [Symbol.asyncDispose](): Promise<void> {
    return Promise.resolve(this.page[Symbol.asyncDispose]());
  }
}
