import type { KubeClient } from '../kube/client.ts';
import { namespaceType } from '../kube/core-types.ts';
import { keyOf } from '../kube/resource.ts';
import { UserError } from '../base/errors.ts';

/** A cluster has no id of its own; the uid of kube-system is what the field uses for one. */
export async function clusterUid(client: KubeClient, signal: AbortSignal): Promise<string> {
  const ref = { name: 'kube-system' };
  const namespace = await client.get(namespaceType, ref, { signal });
  if (namespace === undefined)
    throw new UserError(`Namespace ${keyOf(ref)} does not exist; set LIVECHANNEL_CLUSTER_ID`);
  return namespace.metadata.uid;
}
