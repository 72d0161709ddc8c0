import { TimestampUnwrapper } from './timestamp-unwrapper.ts';

/** Arrivals are looked at in cells of this length, the same ones for every track. */
const CELL_MS = 500;
const CELLS = 20;
/** So many cells with frames in them say how long the way is now. */
const RECENT_CELLS = 4;
const FEW_CELLS = 5;
/** A frame that is earlier than the fastest by more, or later than a stall makes it, is on another clock. */
const EARLY_JUMP_MS = 1_000;
const LATE_JUMP_MS = 10_000;
/** After so long without frames the clocks may have drifted apart noticeably (0.1 ms in a second). */
const STALE_MS = 60_000;

interface Cell {
  readonly index: number;
  least: number;
}

/**
 * One track's RTP clock against the relay's. Every track of a host starts its RTP clock at a random value, and the
 * page is not shown the sender reports that would tie them together; what it has is when each frame arrived. The
 * frame that was least delayed says best how two clocks lie, so the least (arrival - media time) of each cell is kept.
 */
export class TrackClock {
  readonly #ticksPerMs: number;
  readonly #unwrapper = new TimestampUnwrapper();
  #cells: Cell[] = [];
  lastArrivalMs = -Infinity;

  constructor(clockRate: number) {
    this.#ticksPerMs = clockRate / 1_000;
  }

  /** Takes note of a frame. Gives its media time in milliseconds, and whether the clock is another one from here on. */
  take(rtpTimestamp: number, arrivalMs: number): { mediaMs: number; anew: boolean } {
    const mediaMs = this.#unwrapper.unwrap(rtpTimestamp) / this.#ticksPerMs;
    const sample = arrivalMs - mediaMs;
    const early = this.leastLately - sample;
    const anew =
      !(early < EARLY_JUMP_MS && early > -LATE_JUMP_MS) || arrivalMs - this.lastArrivalMs > STALE_MS;
    if (anew) this.#cells = [];
    this.lastArrivalMs = Math.max(this.lastArrivalMs, arrivalMs);
    const index = Math.floor(this.lastArrivalMs / CELL_MS);
    const newest = this.#cells.at(-1);
    if (newest?.index === index) newest.least = Math.min(newest.least, sample);
    else {
      this.#cells.push({ index, least: sample });
      if (this.#cells.length > CELLS) this.#cells.shift();
    }
    return { mediaMs, anew };
  }

  /** The least (arrival - media time) of the last seconds; NaN before the first frame. */
  get leastLately(): number {
    const { length } = this.#cells;
    let least = Infinity;
    for (let i = Math.max(0, length - RECENT_CELLS); i < length; i++) {
      least = Math.min(least, this.#cells[i]?.least ?? Infinity);
    }
    return length === 0 ? NaN : least;
  }

  /**
   * By how much (arrival - media time) is more here than on the other track, for frames of one moment; undefined
   * while that can not be told. It is the median of cells in which both had frames: whatever holds up the way holds
   * up both, and what holds up one of them does not last. Of a few cells the least of each track says more.
   */
  beyond(other: TrackClock): number | undefined {
    const differences: number[] = [];
    let least = Infinity;
    let otherLeast = Infinity;
    let at = 0;
    for (const cell of this.#cells) {
      while ((other.#cells[at]?.index ?? Infinity) < cell.index) at++;
      const same = other.#cells[at];
      if (same?.index !== cell.index) continue;
      least = Math.min(least, cell.least);
      otherLeast = Math.min(otherLeast, same.least);
      differences.push(cell.least - same.least);
    }
    if (differences.length === 0) return undefined;
    if (differences.length <= FEW_CELLS) return least - otherLeast;
    differences.pop(); // the newest has only begun
    differences.sort((a, b) => a - b);
    return differences[differences.length >> 1];
  }
}
