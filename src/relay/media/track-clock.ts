import { TimestampUnwrapper } from './timestamp-unwrapper.ts';

/** Arrivals are grouped into cells of this length, aligned for all tracks. */
const CELL_MS = 500;
const MAX_CELLS = 20;
/** Number of recent cells with frames that determine the current delay. */
const RECENT_CELLS = 4;
const FEW_CELLS = 5;
/**
 * A frame that is earlier than the fastest one by more than this, or later than a stall explains, has another clock.
 */
const EARLY_JUMP_MS = 1_000;
const LATE_JUMP_MS = 10_000;
/** After this time without frames the clocks may have drifted apart noticeably (0.1 ms per second). */
const STALE_MS = 60_000;

interface Cell {
  readonly index: number;
  least: number;
}

/**
 * One track's RTP clock relative to the relay's. Every track of a host starts its RTP clock at a random value, and
 * the page does not see the sender reports that would relate them; it only knows when each frame arrived. The least
 * delayed frame is the best estimate of the offset between two clocks, so the minimum of (arrival - media time) is
 * kept for each cell.
 */
export class TrackClock {
  readonly #ticksPerMs: number;
  readonly #unwrapper = new TimestampUnwrapper();
  #cells: Cell[] = [];
  lastArrivalMs = -Infinity;

  constructor(clockRate: number) {
    this.#ticksPerMs = clockRate / 1_000;
  }

  /** Records a frame. Returns its media time in milliseconds, and whether the clock was restarted with it. */
  take(rtpTimestamp: number, arrivalMs: number): { mediaMs: number; restarted: boolean } {
    const mediaMs = this.#unwrapper.unwrap(rtpTimestamp) / this.#ticksPerMs;
    const sample = arrivalMs - mediaMs;
    const early = this.leastLately - sample;
    const restarted =
      !(early < EARLY_JUMP_MS && early > -LATE_JUMP_MS) || arrivalMs - this.lastArrivalMs > STALE_MS;
    if (restarted) this.#cells = [];
    this.lastArrivalMs = Math.max(this.lastArrivalMs, arrivalMs);
    const index = Math.floor(this.lastArrivalMs / CELL_MS);
    const newest = this.#cells.at(-1);
    if (newest?.index === index) newest.least = Math.min(newest.least, sample);
    else {
      this.#cells.push({ index, least: sample });
      if (this.#cells.length > MAX_CELLS) this.#cells.shift();
    }
    return { mediaMs, restarted };
  }

  /** The minimum of (arrival - media time) of the last seconds; NaN before the first frame. */
  get leastLately(): number {
    const { length } = this.#cells;
    let least = Infinity;
    for (let i = Math.max(0, length - RECENT_CELLS); i < length; i++) {
      least = Math.min(least, this.#cells[i]?.least ?? Infinity);
    }
    return length === 0 ? NaN : least;
  }

  /**
   * By how much (arrival - media time) exceeds that of the other track, for frames of the same moment; undefined
   * while that is unknown. It is the median of the cells in which both have frames: a delay of the network affects
   * both, and a delay of only one track does not last. With few cells, the minimum of each track is more accurate.
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
    differences.pop(); // the newest cell is incomplete
    differences.sort((a, b) => a - b);
    return differences[differences.length >> 1];
  }
}
