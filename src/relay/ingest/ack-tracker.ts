import { HANDSHAKE_BYTES } from './rtmp-messages.ts';

/** Bytes sent less than this apart are treated as sent at the same time. */
const MARK_INTERVAL_MS = 20;
/**
 * A receiver that acknowledges less often than every this many bytes gives too little information about the last
 * seconds.
 */
const MAX_USEFUL_STEP_BYTES = 128 * 1024;

/**
 * Tracks how much of a byte stream has arrived, and the age of the oldest byte that has not. The source is the
 * receiver's RTMP acknowledgements once it sends them often enough, and before that the kernel's send queue. Pure:
 * times are passed in.
 *
 * Only acknowledgements reveal a path that discards bytes behind a proxy, where TCP reports success.
 */
export class AckTracker {
  readonly #window: number;
  /** When the bytes were sent, by the position of the first of them. */
  readonly #marks: { position: number; at: number }[] = [];
  #sentBytes = 0;
  #acceptedBytes = 0;
  #acceptedAt: number | undefined;
  #acknowledgedBytes = HANDSHAKE_BYTES;
  #sequence = 0;
  #acknowledges = false;

  /** @param window number of bytes after which the receiver was requested to acknowledge */
  constructor(window: number) {
    this.#window = window;
  }

  get sentBytes(): number {
    return this.#sentBytes;
  }

  get acceptedBytes(): number {
    return this.#acceptedBytes;
  }

  /** When it was last learned that more bytes had arrived; undefined before the first time. */
  get acceptedAt(): number | undefined {
    return this.#acceptedAt;
  }

  /** Whether RTMP acknowledgements show the progress of the receiver, so that the kernel need not be queried. */
  get acknowledges(): boolean {
    return this.#acknowledges;
  }

  sent(bytes: number, now: number): void {
    const last = this.#marks.at(-1);
    if (last === undefined || now - last.at >= MARK_INTERVAL_MS) {
      this.#marks.push({ position: this.#sentBytes, at: now });
    }
    this.#sentBytes += bytes;
  }

  /**
   * Handles an acknowledgement, which carries the number of bytes received so far (RTMP 1.0 section 5.4.3): 32 bits
   * that wrap around. nginx-rtmp instead restarts from 0 at 0xf0000000. Some servers count the handshake and some do
   * not; those 3 kB make no difference.
   */
  acknowledged(sequence: number, now: number): void {
    const step = (sequence - this.#sequence) >>> 0;
    const outstanding = this.#sentBytes - this.#acknowledgedBytes + HANDSHAKE_BYTES;
    // The counter restarted: at least one window had arrived before the first byte that is counted.
    const advance = step <= outstanding ? step : 2 * this.#window + sequence;
    this.#sequence = sequence;
    this.#acknowledgedBytes = Math.min(this.#sentBytes, this.#acknowledgedBytes + advance);
    if (step <= outstanding) this.#acknowledges = step <= MAX_USEFUL_STEP_BYTES;
    if (this.#acknowledges) this.#accept(this.#acknowledgedBytes, now);
  }

  /**
   * Handles the size of the kernel's send queue: all but the last `held` bytes have left the machine. Ignored once
   * the receiver acknowledges.
   */
  holds(held: number, now: number): void {
    if (!this.#acknowledges) this.#accept(this.#sentBytes - held, now);
  }

  /** Age in milliseconds of the oldest byte that should have arrived and has not; 0 when there is none. */
  lagMs(now: number): number {
    // Less than a window is never acknowledged, however long ago it arrived.
    const known = this.#acceptedBytes + (this.#acknowledges ? this.#window : 0);
    for (let next = this.#marks[1]; next !== undefined && next.position <= known; next = this.#marks[1]) {
      this.#marks.shift();
    }
    return known >= this.#sentBytes ? 0 : now - (this.#marks[0]?.at ?? now);
  }

  #accept(position: number, now: number): void {
    if (position <= this.#acceptedBytes) return;
    this.#acceptedBytes = position;
    this.#acceptedAt = now;
  }
}
