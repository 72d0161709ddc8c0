/**
 * Turns 32-bit RTP timestamps, which wrap (a 90 kHz clock every 13 hours), into numbers that do not. The result
 * nearest to the previous one is used, so that a packet out of order goes back a little instead of forward a lot.
 */
export class TimestampUnwrapper {
  #last: number | undefined;

  unwrap(timestamp: number): number {
    this.#last = this.#last === undefined ? timestamp : this.#last + ((timestamp - this.#last) | 0);
    return this.#last;
  }
}
