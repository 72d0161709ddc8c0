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
 * Whether nodes are lost, according to the Leases that their kubelets renew. Kubernetes itself waits 50 s. It is only
 * read if a relay on the node does not answer either, because a Lease may be late and clocks may differ.
 * https://kubernetes.io/docs/concepts/architecture/leases/#node-heart-beats
 */
export class NodeLeases {
  readonly #client: KubeClient;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #results = new BoundedMap<string, { readonly at: number; readonly lost: Promise<boolean> }>(
    MAX_NODES,
  );

  constructor(client: KubeClient, clock: Clock, logger: Logger) {
    this.#client = client;
    this.#clock = clock;
    this.#logger = logger;
  }

  /** Whether the Lease of the node has expired. A Lease that cannot be read, or has no time, is no evidence. */
  isLost(node: string, signal: AbortSignal): Promise<boolean> {
    const at = this.#clock.monotonic();
    const known = this.#results.get(node);
    if (known !== undefined && at - known.at < LEASE_MAX_AGE_MS) return known.lost;
    const lost = this.#read(node, signal);
    this.#results.set(node, { at, lost });
    return lost;
  }

  async #read(node: string, signal: AbortSignal): Promise<boolean> {
    try {
      const ref = { namespace: 'kube-node-lease', name: node };
      const renewed = (await this.#client.get(leaseType, ref, { signal }))?.spec?.renewTime;
      return renewed !== undefined && this.#clock.now().getTime() - Date.parse(renewed) > NODE_LOST_AFTER_MS;
    } catch (error) {
      // Without evidence that the node is lost, its relay is kept.
      if (!(error instanceof KubeError)) throw error;
      this.#logger.warn({ node, error: error.message }, "the node's Lease cannot be read");
      return false;
    }
  }
}
