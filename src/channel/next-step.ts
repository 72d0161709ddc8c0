import { STREAM_FINALIZER } from '../api/names.ts';
import type { Reason } from '../api/reasons.ts';
import { agoraSubject } from './relay-config.ts';
import { renewalTime, tokenFor } from './agora-token.ts';
import type { Observed, RelayPodFacts } from './observed.ts';
import { streamRecord, type StreamRecord } from './ownership.ts';
import { ending, endedFatally } from './pod-problem.ts';
import { wanted } from './wanted.ts';

/**
 * The one thing to do next. A reconcile observes, takes the step, observes again, and so on until `rest`: so a crash
 * between any two steps is just another observation.
 */
export type Step =
  /** Write the finalizer and the stream record. */
  | { readonly do: 'record'; readonly record: StreamRecord | undefined }
  /** Ask the platform for the stream (created, or found by name) and write the Secret with what it answers. */
  | { readonly do: 'ensure-stream' }
  /** Write the Secret anew from the stream details that it already holds: a token, a changed spec. */
  | { readonly do: 'refresh-secret'; readonly why: 'token' | 'configuration' }
  | { readonly do: 'create-pod' }
  | { readonly do: 'delete-pod'; readonly reason: Reason; readonly message: string }
  /** Put the Secret's revision on the pod, which makes the kubelet bring the new files at once. */
  | { readonly do: 'announce-secret' }
  | { readonly do: 'delete-secret' }
  | { readonly do: 'delete-stream'; readonly record: StreamRecord }
  /** Nothing owned any more: let the resource go. */
  | { readonly do: 'release'; readonly retained: boolean }
  | { readonly do: 'rest' };

/** What the children should be made from; computed by the caller, who can hash. */
export interface Digests {
  /** Of relay.json as it should be. */
  readonly config: string;
  /** Of the pod template as it should be, relay.json included. */
  readonly pod: string;
}

const rest: Step = { do: 'rest' };

export function nextStep(observed: Observed, digests: Digests, now: Date): Step {
  if (observed.failure !== undefined) return rest;
  const { channel } = observed;
  if (channel.metadata.deletionTimestamp !== undefined) return stepTowardsGone(observed);
  const want = wanted(channel);
  if (!want.relay && observed.pod !== undefined) return stopRelay(observed.pod, channel.spec.suspend);
  if (!want.stream) return stepTowardsNoStream(observed);
  return stepTowardsStream(observed, digests, now, want.relay);
}

function stopRelay(pod: RelayPodFacts, suspended: boolean): Step {
  if (pod.deleting) return rest;
  return suspended
    ? { do: 'delete-pod', reason: 'Suspended', message: 'spec.suspend is true' }
    : { do: 'delete-pod', reason: 'RelayStopped', message: 'streamMode needs no relay' };
}

/** Pod first, so that the stream ends properly; then the Secret; then the stream; then the finalizer. */
function stepTowardsGone(observed: Observed): Step {
  const { channel, pod } = observed;
  if (!(channel.metadata.finalizers ?? []).includes(STREAM_FINALIZER)) return rest;
  if (pod !== undefined)
    return pod.deleting
      ? rest
      : { do: 'delete-pod', reason: 'Deleting', message: 'The channel is being deleted' };
  if (observed.secret !== undefined) return { do: 'delete-secret' };
  const record = streamRecord(channel);
  const retained = channel.spec.deletionPolicy === 'Retain';
  if (record !== undefined && !retained) return { do: 'delete-stream', record };
  return { do: 'release', retained: retained && record !== undefined };
}

function stepTowardsNoStream(observed: Observed): Step {
  if (observed.secret !== undefined) return { do: 'delete-secret' };
  const record = streamRecord(observed.channel);
  return record === undefined ? rest : { do: 'delete-stream', record };
}

function stepTowardsStream(observed: Observed, digests: Digests, now: Date, relay: boolean): Step {
  const { channel, platform, credentials, secret, pod } = observed;
  if (!platform.ok) return rest; // a stream on air stays as it is until its platform is known again

  const record = streamRecord(channel);
  if (record !== undefined && record.platform !== platform.value.name) {
    // The spec asks for another platform: end on the old one, then begin on the new one.
    if (pod !== undefined)
      return pod.deleting
        ? rest
        : { do: 'delete-pod', reason: 'SpecChanged', message: `Moving to platform ${platform.value.name}` };
    if (secret !== undefined) return { do: 'delete-secret' };
    return { do: 'delete-stream', record };
  }
  if (!credentials.ok) return rest; // likewise: nothing is torn down because a Secret is missing
  if (record === undefined || !(channel.metadata.finalizers ?? []).includes(STREAM_FINALIZER))
    return { do: 'record', record: { platform: platform.value.name, streamId: record?.streamId } };
  if (secret?.platform !== platform.value.name || observed.stream === 'gone')
    // What is asked for now may come with another id: until it is known, the recorded one must not be believed.
    return record.streamId === undefined
      ? { do: 'ensure-stream' }
      : { do: 'record', record: { platform: record.platform, streamId: undefined } };
  if (record.streamId !== secret.streamId)
    return { do: 'record', record: { platform: platform.value.name, streamId: secret.streamId } };
  if (!relay) return rest;
  if (secret.tokenFor !== tokenFor(credentials.value, agoraSubject(channel, 0)) || now >= renewalTime(secret))
    return { do: 'refresh-secret', why: 'token' };
  if (secret.configDigest !== digests.config) return { do: 'refresh-secret', why: 'configuration' };
  return stepTowardsRelay(pod, digests, secret.revision);
}

function stepTowardsRelay(pod: RelayPodFacts | undefined, digests: Digests, revision: string): Step {
  if (pod === undefined) return { do: 'create-pod' };
  if (pod.deleting) return rest; // its name is taken until it is gone
  if (pod.phase === 'Failed' || pod.phase === 'Succeeded') {
    const { reason, message } = ending(pod);
    return { do: 'delete-pod', reason, message };
  }
  if (pod.specDigest !== digests.pod)
    return {
      do: 'delete-pod',
      reason: 'SpecChanged',
      message: 'The relay is to run with another configuration',
    };
  if (pod.secretRevision !== revision) {
    // A relay that gave up on what it was given gets a fresh start with what it is given now, without waiting for
    // the kubelet's back-off of up to five minutes.
    return endedFatally(pod)
      ? {
          do: 'delete-pod',
          reason: ending(pod).reason,
          message: `Trying again with a new Secret: ${ending(pod).message}`,
        }
      : { do: 'announce-secret' };
  }
  return rest;
}
