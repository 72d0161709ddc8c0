import { reasons } from '../../../api/reasons.ts';
import type { Step } from '../../../channel/plan/next-step.ts';
import { streamRecords, type Slot } from '../../../api/stream-records.ts';
import { sourceAnnotations, relayPod, relayPodName } from '../../../channel/pod/relay-pod.ts';
import { podType, type Pod } from '../../../kube/core-types.ts';
import { ApiError, isAlreadyExists } from '../../../kube/errors.ts';
import { controllerReference, isControlledBy } from '../../../kube/owners.ts';
import { streamOfRecord } from '../state.ts';
import { done, type StepContext, type StepOutcome } from '../deps.ts';
import { POD_CREATED_REQUEUE_MS, POD_NAME_REQUEUE_MS, REFUSED_RETRY_MS } from '../../timing.ts';

/** Creates the pod of the slot, or adopts it if it exists. A rejection by the API server is a failure of the relay. */
export async function createPod(
  context: StepContext,
  { record, slot }: Extract<Step, { do: 'create-pod' }>,
): Promise<StepOutcome> {
  const { state, channel, deps, signal } = context;
  const streamState = streamOfRecord(state, record);
  if (streamState === undefined) return done;
  const relay = record.slot === slot ? streamState : streamState.standby;
  const template = relayPod(
    channel,
    slot,
    deps.relay,
    record.slot === slot ? record.standby?.node : undefined,
  );
  const annotations = {
    ...template.metadata.annotations,
    ...sourceAnnotations(relay?.digests.pod ?? '', relay?.secret?.revision ?? ''),
  };
  const metadata = { ...template.metadata, annotations, ownerReferences: [controllerReference(channel)] };
  try {
    deps.objects.rememberPod(
      await deps.client.create(podType, { metadata, spec: template.spec }, { signal }),
    );
    deps.event('Normal', 'RelayCreated', `Created relay pod ${metadata.name}`);
    return done;
  } catch (error) {
    if (isAlreadyExists(error)) return adoptPod(context, slot);
    if (error instanceof ApiError && (error.isInvalid || error.isForbidden)) return podRefused(error.message);
    throw error;
  }
}

/** Handles an existing pod of this name: the channel's own, which the cache does not show yet, or a foreign one. */
async function adoptPod({ channel, deps, signal }: StepContext, slot: Slot): Promise<StepOutcome> {
  const name = relayPodName(channel.metadata.name, slot);
  const pod = await deps.client.get(
    podType,
    { namespace: channel.metadata.namespace ?? '', name },
    { signal },
  );
  if (pod === undefined) return { requeueAfterMs: POD_CREATED_REQUEUE_MS };
  if (!isControlledBy(pod, channel))
    return pod.metadata.deletionTimestamp === undefined
      ? podRefused(`pod ${name} exists and does not belong to this channel; delete or rename it`)
      : { requeueAfterMs: POD_NAME_REQUEUE_MS };
  deps.objects.rememberPod(pod);
  return done;
}

const podRefused = (message: string): StepOutcome => ({
  failed: {
    part: 'relay',
    reason: 'PodCreateFailed',
    message: `The relay pod cannot be created: ${message}`,
  },
  requeueAfterMs: REFUSED_RETRY_MS,
});

/** Deletes the pod and emits an event with the reason. */
export async function deletePod(
  { channel, deps, signal }: StepContext,
  { pod, slot, reason, message }: Extract<Step, { do: 'delete-pod' }>,
): Promise<StepOutcome> {
  const ref = { namespace: channel.metadata.namespace ?? '', name: pod.name };
  // A standby is not counted as replaced, or it was when the failover was recorded.
  const isStandby = streamRecords(channel).some(({ standby }) => standby?.slot === slot);
  if (!isStandby) deps.objects.noteReplacement(channel, pod.uid, reason);
  const wasDeleted = await deps.client.delete(podType, ref, { uid: pod.uid, signal });
  if (wasDeleted) {
    const type = reasons[reason].podDeletion === undefined ? 'Warning' : 'Normal';
    deps.event(type, reason, `Deleted relay pod ${pod.name}: ${message}`);
  }
  const now: Pod | undefined = await deps.client.get(podType, ref, { signal });
  if (now?.metadata.uid === pod.uid) deps.objects.rememberPod(now);
  else deps.objects.podGone(channel, slot, pod.uid);
  return done;
}

/** Writes the revision of the Secret to the pod's annotations, so that the kubelet delivers the Secret at once. */
export async function announceSecret(
  { state, channel, deps, signal }: StepContext,
  { record, slot, pod }: Extract<Step, { do: 'announce-secret' }>,
): Promise<StepOutcome> {
  const streamState = streamOfRecord(state, record);
  const secret = record.slot === slot ? streamState?.secret : streamState?.standby?.secret;
  if (secret === undefined) return done;
  const ref = { namespace: channel.metadata.namespace ?? '', name: pod.name };
  const annotations = sourceAnnotations(pod.specDigest, secret.revision);
  const patch = { metadata: { uid: pod.uid, annotations } };
  deps.objects.rememberPod(await deps.client.patchMerge(podType, ref, patch, { signal }));
  return done;
}
