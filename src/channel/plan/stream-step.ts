import { annotations } from '../../api/names.ts';
import type { Reason } from '../../api/reasons.ts';
import { renewalTime, tokenFor } from '../pod/agora-token.ts';
import { isReplacedInPlace } from './failover.ts';
import type { StreamState, Observed, RelayPodFacts, RelaySecretFacts, Standby } from '../state.ts';
import type { Slot, StreamRecord } from '../../api/annotations/stream-records.ts';
import { ending, endedFatally } from '../pod/pod-problem.ts';
import { agoraSubject } from '../pod/relay-config.ts';

/** The next thing to do for one of the channel's streams and its relay. */
export type StreamStep =
  /** Find or create the stream on the platform, write the Secret with its ingest details, and record its id. */
  | { readonly do: 'ensure-stream'; readonly record: StreamRecord }
  /** Create a new key, and write the Secret with it. */
  | { readonly do: 'rotate-key'; readonly record: StreamRecord; readonly requested: string }
  /** Replace the record of the stream; other records stay as they are. */
  | { readonly do: 'note'; readonly record: StreamRecord; readonly noted: StreamRecord | undefined }
  /** Write the Secret again from the stream details that it already holds: for a new token or a changed spec. */
  | {
      readonly do: 'refresh-secret';
      readonly record: StreamRecord;
      readonly slot: Slot;
      /** slot: it has no details of its own, or they are older than those of the relay that pushes. */
      readonly why: 'token' | 'configuration' | 'slot';
    }
  | { readonly do: 'create-pod'; readonly record: StreamRecord; readonly slot: Slot }
  | {
      readonly do: 'delete-pod';
      readonly slot: Slot;
      readonly pod: RelayPodFacts;
      readonly reason: Reason;
      readonly message: string;
    }
  /** Put the Secret's revision on the pod, which makes the kubelet bring the new files at once. */
  | {
      readonly do: 'announce-secret';
      readonly record: StreamRecord;
      readonly slot: Slot;
      readonly pod: RelayPodFacts;
    }
  | { readonly do: 'delete-secret'; readonly slot: Slot }
  | { readonly do: 'delete-stream'; readonly record: StreamRecord };

/** Towards a stream with a relay on it; undefined when there is nothing to do, or nothing that can be done. */
export function stepTowardsStream(
  stream: StreamState,
  observed: Observed,
  relay: boolean,
  now: Date,
): StreamStep | undefined {
  const { channel, credentials } = observed;
  const { record, platform, secret, pod, digests } = stream;
  const { slot } = record;
  if (stream.deferred !== undefined || slot === undefined) return undefined;
  // Nothing is deleted because a platform or a Secret is missing.
  if (!platform.ok || !credentials.ok) return undefined;
  if (stream.presence === 'gone' && record.id !== undefined) {
    // The stream that replaces it has another id: until it is known, the recorded one must not be used.
    const { id: _id, ...forgotten } = record;
    return { do: 'note', record, noted: { ...forgotten, attempt: now.getTime().toString(36) } };
  }
  if (!secretMatchesStream(secret, record))
    return knownToStandby(stream)
      ? { do: 'refresh-secret', record, slot, why: 'slot' }
      : { do: 'ensure-stream', record };
  const requested = channel.metadata.annotations?.[annotations.rotateKey];
  if (requested !== undefined && requested !== record.rotated) return { do: 'rotate-key', record, requested };
  if (!relay) return undefined;
  if (
    secret.tokenFor !== tokenFor(credentials.value, agoraSubject(channel, slot)) ||
    now >= renewalTime(secret)
  )
    return { do: 'refresh-secret', record, slot, why: 'token' };
  if (secret.configDigest !== digests.config)
    return { do: 'refresh-secret', record, slot, why: 'configuration' };
  return pod === undefined
    ? { do: 'create-pod', record, slot }
    : stepForPod(stream, record, slot, pod, secret.revision, isReplacedInPlace(stream, observed, now));
}

/** The other slot's Secret has the stream's details, so no call to the platform is needed; but not after fencing. */
function knownToStandby({ record, standby }: StreamState): boolean {
  return (
    secretMatchesStream(standby?.secret, record) &&
    (record.fenced === undefined || record.fenced.epoch !== record.epoch)
  );
}

/** Pod first, so that the stream ends properly; then the Secret; then the stream; then the record. */
export function stepTowardsNothing(
  { record, pod, secretExists, deferred: held, standby }: StreamState,
  why: { readonly reason: Reason; readonly message: string },
  keepStream = false,
): StreamStep | undefined {
  if (held !== undefined) return undefined;
  const { slot, standby: _spare, ...slotless } = record;
  if (slot !== undefined) {
    if (standby?.pod?.deleting === false) return stepTowardsNoStandby(record, standby);
    if (pod !== undefined) return pod.deleting ? undefined : { do: 'delete-pod', slot, pod, ...why };
    if (standby !== undefined) return stepTowardsNoStandby(record, standby);
    if (secretExists) return { do: 'delete-secret', slot };
  }
  if (keepStream) return undefined;
  // The slot is free for another stream, however long the platform takes to let go of this one.
  if (slot !== undefined && record.role === 'draining') return { do: 'note', record, noted: slotless };
  return { do: 'delete-stream', record };
}

/** Pod, Secret, record. */
export function stepTowardsNoStandby(record: StreamRecord, standby: Standby): StreamStep | undefined {
  const { slot, pod, secretExists, deferred: held } = standby;
  if (held !== undefined) return undefined;
  const why = { reason: 'RelayStopped', message: 'It is no longer needed' } as const;
  if (pod !== undefined) return pod.deleting ? undefined : { do: 'delete-pod', slot, pod, ...why };
  if (secretExists) return { do: 'delete-secret', slot };
  const { standby: _spare, ...noted } = record;
  return { do: 'note', record, noted };
}

/** Whether the Secret is there, whole, and of this stream; one whose id is not recorded may be another by now. */
export function secretMatchesStream(
  secret: RelaySecretFacts | undefined,
  record: StreamRecord,
): secret is RelaySecretFacts {
  return (
    secret?.platform === record.platform && secret.streamName === record.name && secret.streamId === record.id
  );
}

export function stepForPod(
  { digests }: Pick<StreamState, 'digests'>,
  record: StreamRecord,
  slot: Slot,
  pod: RelayPodFacts,
  revision: string,
  inPlace: boolean,
): StreamStep | undefined {
  const replace = (reason: Reason, message: string): StreamStep => ({
    do: 'delete-pod',
    slot,
    pod,
    reason,
    message,
  });
  if (pod.deleting) return undefined; // its name is taken until it is gone
  if (pod.phase === 'Failed' || pod.phase === 'Succeeded') {
    const { reason, message } = ending(pod);
    return replace(reason, message);
  }
  if (pod.specDigest !== digests.pod && inPlace)
    return replace('SpecChanged', "The relay's configuration changed");
  if (pod.secretRevision === revision) return undefined;
  // A relay that ended because of its old Secret is started with the new one, without waiting for the kubelet's
  // back-off of up to five minutes.
  return endedFatally(pod)
    ? replace(ending(pod).reason, `Retrying with a new Secret: ${ending(pod).message}`)
    : { do: 'announce-secret', record, slot, pod };
}
