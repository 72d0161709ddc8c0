/** No request is closer to the one before: a host's uplink pays for each keyframe. */
const MIN_GAP_MS = 500;
/** How far apart requests get to a host that does not answer them, as one that cannot does not. */
const MAX_GAP_MS = 8_000;

/** Knows when the host is to be asked for a keyframe. Times are milliseconds of one clock. */
export class KeyframeRequests {
  intervalMs: number;
  #keyframeAt = -Infinity;
  #askedAt = -Infinity;
  #unanswered = 0;
  #wanted = false;

  constructor(intervalMs: number) {
    this.intervalMs = intervalMs;
  }

  /** A keyframe has come, asked for or not. */
  keyframeCame(now: number): void {
    this.#keyframeAt = now;
    this.#unanswered = 0;
    this.#wanted = false;
  }

  /** One is wanted however young the last one is. */
  want(): void {
    this.#wanted = true;
  }

  /** The frames come from another receiver now, which has given no keyframe yet. */
  restart(): void {
    this.#keyframeAt = -Infinity;
    this.#unanswered = 0;
  }

  /** Whether to ask now, when the last keyframe is as old as the interval; true counts as asked. */
  due(now: number): boolean {
    const gap = this.#wanted ? MIN_GAP_MS : Math.min(MIN_GAP_MS * 2 ** (this.#unanswered - 1), MAX_GAP_MS);
    if (now - this.#askedAt < Math.max(gap, MIN_GAP_MS)) return false;
    if (!this.#wanted && now - this.#keyframeAt < this.intervalMs) return false;
    this.#askedAt = now;
    this.#unanswered++;
    this.#wanted = false;
    return true;
  }
}
