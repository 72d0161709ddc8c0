import { setInterval } from 'node:timers/promises';
import type { RelayState } from '../api/relay-contract.ts';

/** Interval at which the state is checked while a probe is held: that of the relay's own checks. */
const CHECK_INTERVAL_MS = 100;

/**
 * Answers the kubelet's readiness probe, GET /readyz?wait. Kubernetes records each failed probe as a warning event on
 * the pod, but a relay that waits for its host, or is a standby, is healthy. So the request is held until the relay is
 * live, and only the change from live to not live is a failure. A relay that shuts down holds the request too: the
 * kubelet sees by itself that its container ends.
 */
export class ReadinessProbe {
  readonly #state: () => RelayState;
  /** The last answer. A kubelet that restarts may go on from it. */
  #ready = false;

  constructor(state: () => RelayState) {
    this.#state = state;
  }

  /** Waits until there is something to answer: whether the relay is ready. Undefined when `closed` aborts before. */
  async answer(closed: AbortSignal): Promise<boolean | undefined> {
    if (!this.#hasAnswer()) {
      try {
        for await (const _ of setInterval(CHECK_INTERVAL_MS, undefined, { signal: closed, ref: false }))
          if (this.#hasAnswer()) break;
      } catch {
        return undefined; // the connection was closed
      }
    }
    this.#ready = this.#state() === 'live';
    return this.#ready;
  }

  #hasAnswer(): boolean {
    const state = this.#state();
    return state === 'live' || (this.#ready && state !== 'stopping');
  }
}
