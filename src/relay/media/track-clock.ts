import { TimestampUnwrapper } from './timestamp-unwrapper.ts';

/** Arrivals are looked at in buckets of this length; the fastest of the kept buckets sets the target. */
const BUCKET_MS = 1_000;
const BUCKETS = 10;
/** A sample further off than this is another timeline (a new encoder, a sleep), not jitter. */
const JUMP_MS = 2_000;
/** How fast the offset may follow its target, per millisecond of time: down when a faster way is seen, up for drift. */
const SLEW_DOWN = 0.05;
const SLEW_UP = 0.005;
/** Two frames of a track are never nearer than this; a container's clock must rise. */
const STEP_MS = 1;

/**
 * Maps one track's RTP clock onto the relay's own clock. Every track of a host starts its RTP clock at a random
 * value, and the page is not shown the sender reports that would tie them together; what it has is when each frame
 * arrived. The frame that was least delayed says best how the two clocks lie, so the offset follows the smallest
 * (arrival - media time) of the last seconds. What is left as the error between two tracks is the difference of
 * their least delays, a few milliseconds to tens of them.
 */
export class TrackClock {
  readonly #ticksPerMs: number;
  #unwrapper = new TimestampUnwrapper();
  #buckets: { start: number; least: number }[] = [];
  #offset: number | undefined;
  #lastArrival = 0;
  #lastOut = -Infinity;

  constructor(clockRate: number) {
    this.#ticksPerMs = clockRate / 1_000;
  }

  /** When the frame was captured, in milliseconds of the clock that `arrivalMs` is in. Rises with every call. */
  map(rtpTimestamp: number, arrivalMs: number): number {
    const mediaMs = this.#unwrapper.unwrap(rtpTimestamp) / this.#ticksPerMs;
    const sample = arrivalMs - mediaMs;
    if (this.#offset === undefined || Math.abs(sample - this.#offset) > JUMP_MS) {
      this.#buckets = [];
      this.#offset = sample;
      this.#lastArrival = arrivalMs;
    }
    this.#keep(arrivalMs, sample);
    this.#offset = this.#slew(this.#offset, arrivalMs);
    this.#lastArrival = Math.max(this.#lastArrival, arrivalMs);
    this.#lastOut = Math.max(mediaMs + this.#offset, this.#lastOut + STEP_MS);
    return this.#lastOut;
  }

  #keep(arrivalMs: number, sample: number): void {
    const newest = this.#buckets.at(-1);
    if (newest !== undefined && arrivalMs < newest.start + BUCKET_MS) {
      newest.least = Math.min(newest.least, sample);
      return;
    }
    this.#buckets.push({ start: arrivalMs, least: sample });
    if (this.#buckets.length > BUCKETS) this.#buckets.shift();
  }

  #slew(offset: number, arrivalMs: number): number {
    const target = Math.min(...this.#buckets.map((bucket) => bucket.least));
    const elapsed = Math.max(0, arrivalMs - this.#lastArrival);
    return offset + Math.min(elapsed * SLEW_UP, Math.max(-elapsed * SLEW_DOWN, target - offset));
  }
}
