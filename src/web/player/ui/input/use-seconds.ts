import { useState, useSyncExternalStore } from 'react';

/** The time as a store that changes once a second while it is subscribed to. */
class SecondsClock {
  #value: number | undefined;
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  readonly read = (): number | undefined => this.#value;

  readonly subscribe = (changed: () => void): (() => void) => {
    const tick = (): void => {
      this.#value = this.#now();
      changed();
    };
    const timer = setInterval(tick, 1_000);
    tick();
    return () => {
      clearInterval(timer);
    };
  };
}

const never = (): (() => void) => () => undefined;
const unknown = (): undefined => undefined;

/** Milliseconds since the epoch, once a second while `active`; undefined at the first render, as on a server. */
export function useSeconds(active: boolean, now: () => number): number | undefined {
  const [clock] = useState(() => new SecondsClock(now));
  return useSyncExternalStore(active ? clock.subscribe : never, active ? clock.read : unknown, unknown);
}
