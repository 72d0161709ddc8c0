import type { KubeClient } from '../kube/client.ts';
import { namespaceType } from '../kube/core-types.ts';
import { keyOf } from '../kube/resource.ts';
import { UserError } from '../base/errors.ts';

/**
 * Returns the UID of namespace kube-system, the customary ID of a cluster: Kubernetes does not define one.
 * @throws UserError if the namespace does not exist
 */
export async function clusterUid(client: KubeClient, signal: AbortSignal): Promise<string> {
  const ref = { name: 'kube-system' };
  const namespace = await client.get(namespaceType, ref, { signal });
  if (namespace === undefined)
    throw new UserError(`Namespace ${keyOf(ref)} does not exist; set LIVECHANNEL_CLUSTER_ID`);
  return namespace.metadata.uid;
}
