const MINUTE_MS = 60_000;
/** More in a minute say nothing more. */
const MOST_STALLS = 60;
/** Shorter samples of dropped frames are chance. */
const FRAME_SAMPLE_MS = 5_000;
/** A step of the playhead that is longer than the time allows, by this much, is a seek. */
const SEEK_SECONDS = 1;

interface FrameCounts {
  readonly at: number;
  readonly total: number;
  readonly dropped: number;
}

/** Measures a video element from outside: does it advance, does it stall, does it drop frames. Bounded in memory. */
export class PlaybackMeter {
  #time: { readonly at: number; readonly position: number } | undefined;
  #movedAt: number | undefined;
  #stalls: number[] = [];
  #frames: FrameCounts | undefined;
  #droppedShare: number | undefined;

  /** When the playhead last advanced by playing. */
  get movedAt(): number | undefined {
    return this.#movedAt;
  }

  /** 0 to 1, over the last seconds; undefined: not known. */
  get droppedShare(): number | undefined {
    return this.#droppedShare;
  }

  /** The element was reset: its position means something else. */
  reset(): void {
    this.#time = undefined;
    this.#frames = undefined;
  }

  /** Reads the position. Call it several times a second. */
  sample(position: number, now: number): void {
    const before = this.#time;
    this.#time = { at: now, position };
    if (before === undefined) return;
    const step = position - before.position;
    if (step > 0 && step < ((now - before.at) / 1_000) * 2 + SEEK_SECONDS) this.#movedAt = now;
  }

  countStall(now: number): void {
    this.#stalls = [...this.#stalls, now].slice(-MOST_STALLS);
  }

  stallsInLastMinute(now: number): number {
    this.#stalls = this.#stalls.filter((at) => now - at < MINUTE_MS);
    return this.#stalls.length;
  }

  /** Counts of all frames since the element was reset. */
  sampleFrames(total: number, dropped: number, now: number): void {
    const before = this.#frames;
    if (before === undefined || total < before.total) {
      this.#frames = { at: now, total, dropped };
      return;
    }
    if (now - before.at < FRAME_SAMPLE_MS) return;
    const shown = total - before.total;
    this.#droppedShare = shown > 0 ? Math.max(0, dropped - before.dropped) / shown : undefined;
    this.#frames = { at: now, total, dropped };
  }
}
