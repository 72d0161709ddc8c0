import type { ChannelKey, Sample } from '../../store/store.ts';

const nameOf = ({ namespace, channelId }: ChannelKey): string => `${namespace}/${channelId}`;

/**
 * Samples on their way to the database, oldest first. When there are too many the oldest are dropped, and the next one
 * of that channel to leave is marked as coming after a gap: time of which nothing is known is never filled in.
 */
export class SampleBuffer {
  readonly #most: number;
  readonly #samples: Sample[] = [];
  /** Where the oldest is: what is before it has left. */
  #head = 0;
  /** Channels that lost samples, and of which none has left since. */
  readonly #lost = new Set<string>();
  #dropped = 0;

  constructor(most: number) {
    this.#most = most;
  }

  get size(): number {
    return this.#samples.length - this.#head;
  }

  /** How many were dropped so far. */
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

  /** Takes out up to so many. */
  take(most: number): readonly Sample[] {
    return this.#leave(most).map((sample) =>
      this.#lost.delete(nameOf(sample)) && !sample.afterGap ? { ...sample, afterGap: true } : sample,
    );
  }

  /** These will not be written. */
  lose(samples: readonly Sample[]): void {
    this.#dropped += samples.length;
    for (const sample of samples) this.#lost.add(nameOf(sample));
  }

  #leave(most: number): readonly Sample[] {
    const leaving = this.#samples.slice(this.#head, this.#head + most);
    this.#head += leaving.length;
    // Migrating what is left up costs as much as there is left: it is done when half of the array is empty.
    if (this.#head * 2 >= this.#samples.length) {
      this.#samples.splice(0, this.#head);
      this.#head = 0;
    }
    return leaving;
  }
}
