import type { LiveChannel } from '../../api/live-channel.ts';
import { streamRecords } from '../../api/annotations/stream-records.ts';
import { relayPodName, relaySecretName } from '../../channel/pod/relay-pod.ts';
import { podType, secretType } from '../../kube/core-types.ts';
import { isControlledBy } from '../../kube/owners.ts';
import type { KubeObject, ResourceType } from '../../kube/resource.ts';
import { liveChannelType } from '../../api/kinds.ts';
import { clearStream, disown } from './steps/stream.ts';
import type { StepOutcome, ReconcilerDeps } from './deps.ts';
import { done } from './deps.ts';

/**
 * Clears away what a channel had that went without being let go. Somebody took its finalizer off by hand; or it was
 * deleted in the very moment in which it got the finalizer: the API server decides that an object may go at once
 * before it takes it out, and does not look again in between.
 */
export async function collectGarbage(
  gone: LiveChannel,
  tools: ReconcilerDeps,
  signal: AbortSignal,
): Promise<StepOutcome> {
  const { namespace = '', name, uid } = gone.metadata;
  const there = await tools.client.get(liveChannelType, { namespace, name }, { signal });
  if (there?.metadata.uid === uid) return done; // a cache may err, and this cannot be undone

  for (const slot of [0, 1]) {
    await deleteOwned(podType, gone, relayPodName(name, slot), tools, signal);
    await deleteOwned(secretType, gone, relaySecretName(name, slot), tools, signal);
  }
  for (const record of streamRecords(gone)) {
    const platform = await tools.platforms.open(record.platform, signal);
    if (!platform.ok) continue; // nobody can do anything; should it come back, its sweep names the stream
    if (gone.spec.deletionPolicy === 'Retain' && record.role === 'active')
      await disown(gone, record, platform.value, tools, signal);
    else {
      const againAfterMs = await clearStream(gone, record, platform.value, tools, signal);
      if (againAfterMs !== undefined) return { requeueAfterMs: againAfterMs };
    }
  }
  return done;
}

/** The garbage collector would do it too; how soon is not known. */
async function deleteOwned<T extends KubeObject>(
  type: ResourceType<T>,
  owner: LiveChannel,
  name: string,
  tools: ReconcilerDeps,
  signal: AbortSignal,
): Promise<void> {
  const ref = { namespace: owner.metadata.namespace ?? '', name };
  const object = await tools.client.get(type, ref, { signal });
  if (object === undefined || !isControlledBy(object, owner)) return;
  await tools.client.delete(type, ref, { uid: object.metadata.uid, signal });
}
