import { BoundedMap } from '../../base/bounded-map.ts';
import type { KubeClient } from '../../kube/client.ts';
import type { Clock } from '../../base/clock.ts';
import { leaseType } from '../../kube/core-types.ts';
import { KubeError } from '../../kube/errors.ts';
import type { Logger } from '../../base/logger.ts';
import { LEASE_MAX_AGE_MS, NODE_LOST_AFTER_MS } from '../timing.ts';

/** Twice what Kubernetes supports in one cluster: https://kubernetes.io/docs/setup/best-practices/cluster-large/ */
const MAX_NODES = 10_000;

/**
 * Whether nodes live, by the Leases that their kubelets renew. Kubernetes itself takes 50 s to call a node lost. Only
 * asked where a relay is silent, too: a Lease may be late, and clocks may differ.
 * https://kubernetes.io/docs/concepts/architecture/leases/#node-heart-beats
 */
export class NodeLeases {
  readonly #client: KubeClient;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #answers = new BoundedMap<string, { readonly at: number; readonly lost: Promise<boolean> }>(
    MAX_NODES,
  );

  constructor(client: KubeClient, clock: Clock, logger: Logger) {
    this.#client = client;
    this.#clock = clock;
    this.#logger = logger;
  }

  isLost(node: string, signal: AbortSignal): Promise<boolean> {
    const at = this.#clock.monotonic();
    const known = this.#answers.get(node);
    if (known !== undefined && at - known.at < LEASE_MAX_AGE_MS) return known.lost;
    const lost = this.#ask(node, signal);
    this.#answers.set(node, { at, lost });
    return lost;
  }

  async #ask(node: string, signal: AbortSignal): Promise<boolean> {
    try {
      const ref = { namespace: 'kube-node-lease', name: node };
      const renewed = (await this.#client.get(leaseType, ref, { signal }))?.spec?.renewTime;
      return renewed !== undefined && this.#clock.now().getTime() - Date.parse(renewed) > NODE_LOST_AFTER_MS;
    } catch (error) {
      // Not to know is no reason to give a relay up.
      if (!(error instanceof KubeError)) throw error;
      this.#logger.warn({ node, error: error.message }, "a node's Lease cannot be read");
      return false;
    }
  }
}
