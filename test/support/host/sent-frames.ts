import type { Loop } from './video-loop.ts';

/** As many bytes of a picture's end as tell it from the others of a loop. */
const TAIL_BYTES = 24;

export interface SentFrame {
  /** Counted from the host's first. */
  readonly index: number;
  /** When its last packet came to the edge: milliseconds of this process's monotonic clock. */
  readonly at: number;
}

/** The pictures that a host has sent, to be found by the clock that they show or by the bytes that they end with. */
export class SentFrames {
  readonly #fps: number;
  readonly #perLoop: number;
  readonly #at: number[] = [];
  /** The pictures with that end: one in each round of the loop. */
  readonly #byTail = new Map<string, number[]>();

  constructor({ fps, seconds }: Pick<Loop, 'fps' | 'seconds'>) {
    this.#fps = fps;
    this.#perLoop = fps * seconds;
  }

  /** `end`: the last bytes of the picture. */
  add(at: number, end: Buffer): void {
    const tail = tailOf(end);
    const same = this.#byTail.get(tail);
    if (same === undefined) this.#byTail.set(tail, [this.#at.length]);
    else same.push(this.#at.length);
    this.#at.push(at);
  }

  get count(): number {
    return this.#at.length;
  }

  /** The latest picture that ends so and was sent before `before`; undefined when the host sent none such. */
  byBytes(picture: Buffer, before: number): SentFrame | undefined {
    const same = this.#byTail.get(tailOf(picture)) ?? [];
    const index = same.findLast((each) => (this.#at[each] ?? Infinity) <= before);
    return index === undefined ? undefined : this.#frame(index);
  }

  /** The latest picture with this clock that was sent before `before`. `clockMs`: 0 at the loop's beginning. */
  byClock(clockMs: number, before: number): SentFrame | undefined {
    const inLoop = Math.round((clockMs * this.#fps) / 1_000);
    for (
      let index = inLoop + Math.floor(this.count / this.#perLoop) * this.#perLoop;
      index >= 0;
      index -= this.#perLoop
    ) {
      const frame = this.#frame(index);
      if (frame !== undefined && frame.at <= before) return frame;
    }
    return undefined;
  }

  /** Those that were sent from `from` until before `to`. */
  between(from: number, to: number): SentFrame[] {
    return this.#at.flatMap((at, index) => (at >= from && at < to ? [{ index, at }] : []));
  }

  #frame(index: number): SentFrame | undefined {
    const at = this.#at[index];
    return at === undefined ? undefined : { index, at };
  }
}

function tailOf(bytes: Buffer): string {
  return bytes.toString('latin1', Math.max(0, bytes.length - TAIL_BYTES));
}
