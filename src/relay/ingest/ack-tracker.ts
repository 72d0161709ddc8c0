import { HANDSHAKE_BYTES } from './rtmp-messages.ts';

/** Bytes handed over less than this apart count as handed over at once. */
const MARK_MS = 20;
/** A receiver that acknowledges less often than each so many bytes says too little about the last seconds. */
const MAX_USEFUL_STEP = 128 * 1024;

/**
 * What has arrived of a stream of bytes, and how old the oldest byte is that has not: from the receiver's RTMP
 * acknowledgements once it sends them often, from what the kernel still holds before that. Pure; times come in.
 *
 * Acknowledgements alone show a path that swallows bytes behind a proxy: TCP is content there.
 */
export class AckTracker {
  readonly #window: number;
  /** From which byte on how old the bytes are. */
  readonly #marks: { position: number; at: number }[] = [];
  #sentBytes = 0;
  #acceptedBytes = 0;
  #acceptedAt: number | undefined;
  #acknowledgedBytes = HANDSHAKE_BYTES;
  #sequence = 0;
  #acknowledges = false;

  /** @param window after how many bytes the receiver was asked to acknowledge */
  constructor(window: number) {
    this.#window = window;
  }

  get sentBytes(): number {
    return this.#sentBytes;
  }

  get acceptedBytes(): number {
    return this.#acceptedBytes;
  }

  /** When the last news came that more bytes had arrived; undefined before the first. */
  get acceptedAt(): number | undefined {
    return this.#acceptedAt;
  }

  /** Whether RTMP acknowledgements say how far the receiver is, so that no one need ask the kernel. */
  get acknowledges(): boolean {
    return this.#acknowledges;
  }

  sent(bytes: number, now: number): void {
    const last = this.#marks.at(-1);
    if (last === undefined || now - last.at >= MARK_MS) {
      this.#marks.push({ position: this.#sentBytes, at: now });
    }
    this.#sentBytes += bytes;
  }

  /**
   * The receiver says how many bytes it has had (RTMP 1.0 section 5.4.3): 32 bits that wrap around. nginx-rtmp counts
   * from 0 again at 0xf0000000 instead. Some count the handshake and some do not: 3 kB that make no difference.
   */
  acknowledged(sequence: number, now: number): void {
    const step = (sequence - this.#sequence) >>> 0;
    const outstanding = this.#sentBytes - this.#acknowledgedBytes + HANDSHAKE_BYTES;
    // Counted again: a window or a little more had come before the first byte that is counted.
    const advance = step <= outstanding ? step : 2 * this.#window + sequence;
    this.#sequence = sequence;
    this.#acknowledgedBytes = Math.min(this.#sentBytes, this.#acknowledgedBytes + advance);
    if (step <= outstanding) this.#acknowledges = step <= MAX_USEFUL_STEP;
    if (this.#acknowledges) this.#accept(this.#acknowledgedBytes, now);
  }

  /** All but the last `held` bytes have left the machine. Counts only while there are no acknowledgements. */
  holds(held: number, now: number): void {
    if (!this.#acknowledges) this.#accept(this.#sentBytes - held, now);
  }

  /** Age of the oldest byte that should have arrived and has not; 0 when there is none. */
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
