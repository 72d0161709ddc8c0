import { keyText } from '../../store/channel-key-text.ts';
import type { Sample } from '../../store/store.ts';

/**
 * Bounded queue of samples for the database, oldest first. If it is full, the oldest sample is dropped, and the next
 * sample of that channel is marked as following a gap: unobserved time is never filled in.
 */
export class SampleBuffer {
  readonly #most: number;
  readonly #samples: Sample[] = [];
  /** Index of the oldest sample; those before it have left the buffer. */
  #head = 0;
  /** Channels that lost samples, and no sample of which has been taken since. */
  readonly #lost = new Set<string>();
  #dropped = 0;

  constructor(most: number) {
    this.#most = most;
  }

  get size(): number {
    return this.#samples.length - this.#head;
  }

  /** Total number of dropped samples. */
  get dropped(): number {
    return this.#dropped;
  }

  get oldest(): Date | undefined {
    return this.#samples[this.#head]?.at;
  }

  push(sample: Sample): void {
    this.#samples.push(sample);
    if (this.size > this.#most) this.lose(this.#leave(1));
  }

  /** Removes and returns up to `most` samples. */
  take(most: number): readonly Sample[] {
    return this.#leave(most).map((sample) =>
      this.#lost.delete(keyText(sample)) && !sample.afterGap ? { ...sample, afterGap: true } : sample,
    );
  }

  /** Counts samples that will not be written, and marks the gap that they leave. */
  lose(samples: readonly Sample[]): void {
    this.#dropped += samples.length;
    for (const sample of samples) this.#lost.add(keyText(sample));
  }

  #leave(most: number): readonly Sample[] {
    const leaving = this.#samples.slice(this.#head, this.#head + most);
    this.#head += leaving.length;
    // Compacting the array costs time in proportion to its length, so it is done when half of it is empty.
    if (this.#head * 2 >= this.#samples.length) {
      this.#samples.splice(0, this.#head);
      this.#head = 0;
    }
    return leaving;
  }
}
