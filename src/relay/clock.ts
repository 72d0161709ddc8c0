/** Where the relay has its time from; tests turn it by hand. */
export interface Clock {
  /** Milliseconds that only rise, from an origin of no meaning. */
  now(): number;
  /** The time of day. */
  date(): Date;
}

export const systemClock: Clock = { now: () => performance.now(), date: () => new Date() };
