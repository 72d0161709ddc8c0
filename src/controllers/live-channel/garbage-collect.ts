import { streamRecords } from '../../api/stream-records.ts';
import { relayPodName, relaySecretName } from '../../channel/pod/relay-pod.ts';
import { podType, secretType } from '../../kube/core-types.ts';
import { isControlledBy } from '../../kube/owners.ts';
import type { KubeObject, ResourceType } from '../../kube/resource.ts';
import { liveChannelType } from '../../api/kinds.ts';
import { clearStream, disown } from './steps/stream.ts';
import type { ActionContext, StepOutcome } from './deps.ts';
import { done } from './deps.ts';

/**
 * Deletes what is left of a channel that was deleted without its finalizer being handled. Either the finalizer was
 * removed by hand, or the channel was deleted at the moment at which the finalizer was added: the API server decides
 * that an object can be deleted before it removes the object, and does not check again in between.
 */
export async function collectGarbage(context: ActionContext): Promise<StepOutcome> {
  const { channel: gone, deps, signal } = context;
  const { namespace = '', name, uid } = gone.metadata;
  const there = await deps.client.get(liveChannelType, { namespace, name }, { signal });
  if (there?.metadata.uid === uid) return done; // the cache was wrong: deletion cannot be undone

  for (const slot of [0, 1]) {
    await deleteOwned(context, podType, relayPodName(name, slot));
    await deleteOwned(context, secretType, relaySecretName(name, slot));
  }
  for (const record of streamRecords(gone)) {
    const platform = await deps.platforms.open(record.platform, signal);
    if (!platform.ok) continue; // unreachable: the orphan sweep finds the stream once it is back
    if (gone.spec.deletionPolicy === 'Retain' && record.role === 'active')
      await disown(context, record, platform.value);
    else {
      const requeueAfterMs = await clearStream(context, record, platform.value);
      if (requeueAfterMs !== undefined) return { requeueAfterMs };
    }
  }
  return done;
}

/** Deletes the object if the channel owns it. Kubernetes' garbage collector would do so at an unknown time. */
async function deleteOwned<T extends KubeObject>(
  { channel: owner, deps, signal }: ActionContext,
  type: ResourceType<T>,
  name: string,
): Promise<void> {
  const ref = { namespace: owner.metadata.namespace ?? '', name };
  const object = await deps.client.get(type, ref, { signal });
  if (object === undefined || !isControlledBy(object, owner)) return;
  await deps.client.delete(type, ref, { uid: object.metadata.uid, signal });
}
