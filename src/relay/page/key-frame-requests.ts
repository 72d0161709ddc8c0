/** No request is closer to the one before: a host's uplink pays for each key frame. */
const MIN_GAP_MS = 500;
/** How far apart requests get to a host that does not answer them, as one that cannot does not. */
const MAX_GAP_MS = 8_000;

/** Knows when the host is to be asked for a key frame. Times are milliseconds of one clock. */
export class KeyFrameRequests {
  intervalMs: number;
  #keyFrameAt = -Infinity;
  #askedAt = -Infinity;
  #unanswered = 0;
  #wanted = false;

  constructor(intervalMs: number) {
    this.intervalMs = intervalMs;
  }

  /** A key frame has come, asked for or not. */
  keyFrameCame(now: number): void {
    this.#keyFrameAt = now;
    this.#unanswered = 0;
    this.#wanted = false;
  }

  /** One is wanted however young the last one is. */
  want(): void {
    this.#wanted = true;
  }

  /** The pictures come from another receiver now, which has given no key frame yet. */
  restart(): void {
    this.#keyFrameAt = -Infinity;
    this.#unanswered = 0;
  }

  /** Whether to ask now, when the last key frame is as old as the interval; true counts as asked. */
  due(now: number): boolean {
    const gap = this.#wanted ? MIN_GAP_MS : Math.min(MIN_GAP_MS * 2 ** (this.#unanswered - 1), MAX_GAP_MS);
    if (now - this.#askedAt < Math.max(gap, MIN_GAP_MS)) return false;
    if (!this.#wanted && now - this.#keyFrameAt < this.intervalMs) return false;
    this.#askedAt = now;
    this.#unanswered++;
    this.#wanted = false;
    return true;
  }
}
