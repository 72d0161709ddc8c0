import { BoundedMap } from '../../base/bounded-map.ts';
import type { Clock } from '../../base/clock.ts';
import { clientNetwork } from '../auth/client-network.ts';

const WINDOW_MS = 60_000;
const MAX_PER_NETWORK = 20;
const MAX_IN_ALL = 200;
const MAX_NETWORKS = 10_000;

interface Window {
  readonly until: number;
  count: number;
}

/**
 * Rations what callers without permission cause: so many a minute for each client network, and in all. Whoever has no
 * credentials may otherwise write as much as a disk holds.
 */
export class RefusalRation {
  readonly #clock: Pick<Clock, 'monotonic'>;
  readonly #networks = new BoundedMap<string, Window>(MAX_NETWORKS);
  #all: Window = { until: -Infinity, count: 0 };

  constructor(clock: Pick<Clock, 'monotonic'>) {
    this.#clock = clock;
  }

  /** Whether there is room for one more; if so, it is counted. */
  admit(address: string | undefined): boolean {
    const network = clientNetwork(address);
    const its = this.#current(this.#networks.get(network));
    this.#all = this.#current(this.#all);
    if (its.count >= MAX_PER_NETWORK || this.#all.count >= MAX_IN_ALL) return false;
    its.count += 1;
    this.#all.count += 1;
    this.#networks.set(network, its);
    return true;
  }

  #current(window: Window | undefined): Window {
    const now = this.#clock.monotonic();
    return window !== undefined && now < window.until ? window : { until: now + WINDOW_MS, count: 0 };
  }
}
