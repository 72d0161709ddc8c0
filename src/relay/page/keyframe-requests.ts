/** Minimum time between requests, because each keyframe costs the host uplink bandwidth. */
const MIN_GAP_MS = 500;
/**
 * Maximum time between requests, which is reached with a host that does not respond to them because it does not
 * support them.
 */
const MAX_GAP_MS = 8_000;

/** Decides when to request a keyframe from the host. Times are milliseconds of one clock. */
export class KeyframeRequests {
  intervalMs: number;
  #keyframeAt = -Infinity;
  #askedAt = -Infinity;
  #unanswered = 0;
  #wanted = false;

  constructor(intervalMs: number) {
    this.intervalMs = intervalMs;
  }

  /** To be called when a keyframe arrives, requested or not. */
  keyframeCame(now: number): void {
    this.#keyframeAt = now;
    this.#unanswered = 0;
    this.#wanted = false;
  }

  /** Requires a keyframe regardless of the age of the last one. */
  want(): void {
    this.#wanted = true;
  }

  /** To be called when the frames come from another receiver, which has not received a keyframe yet. */
  restart(): void {
    this.#keyframeAt = -Infinity;
    this.#unanswered = 0;
  }

  /** Whether to send a request now, because the last keyframe is older than the interval. true counts as a request. */
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
