/** Where the relay has its time from; tests turn it by hand. */
export interface Clock {
  /** Milliseconds that only rise, from an origin of no meaning. */
  monotonic(): number;
  /** The time of day. */
  now(): Date;
}

export const systemClock: Clock = { monotonic: () => performance.now(), now: () => new Date() };
