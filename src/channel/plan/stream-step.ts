import { annotations } from '../../api/names.ts';
import type { Reason } from '../../api/reasons.ts';
import { isTokenOutdated, permitsOneUid } from '../pod/agora-token.ts';
import { isReplacedInPlace } from './failover.ts';
import { secretMatchesStream } from './secret-matches-stream.ts';
import type { StreamState, Observed, RelayPodFacts, Standby } from '../state.ts';
import { annotationMark, forgotten, type Slot, type StreamRecord } from '../../api/stream-records.ts';
import { ending, endedFatally } from '../pod/pod-problem.ts';
import { agoraSubject } from '../pod/relay-config.ts';

/** A step for one of the channel's streams and its relay. */
export type StreamStep =
  /** Find or create the stream on the platform, write the Secret with its ingest details, and record its id. */
  | { readonly do: 'ensure-stream'; readonly record: StreamRecord }
  /** Create a new stream key, and write the Secret with it. */
  | { readonly do: 'rotate-key'; readonly record: StreamRecord; readonly requested: string }
  /** Replace the record of the stream, or remove it; other records stay as they are. */
  | { readonly do: 'note'; readonly record: StreamRecord; readonly noted: StreamRecord | undefined }
  /** Write the Secret again from stream details that are already in the cluster, without a call to the platform. */
  | {
      readonly do: 'refresh-secret';
      readonly record: StreamRecord;
      readonly slot: Slot;
      /** `slot`: the Secret has no stream details, or older ones than the Secret of the relay that pushes. */
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
  /** Write the Secret's revision to an annotation of the pod, so that the kubelet delivers the new files at once. */
  | {
      readonly do: 'announce-secret';
      readonly record: StreamRecord;
      readonly slot: Slot;
      readonly pod: RelayPodFacts;
    }
  | { readonly do: 'delete-secret'; readonly slot: Slot }
  | { readonly do: 'delete-stream'; readonly record: StreamRecord };

/**
 * The next step towards a stream with its Secret and, if `relay`, its pod. Undefined when there is nothing to do, or
 * nothing that can be done now.
 */
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
    // The stream that replaces it will have another id. Until that is known, the recorded id must not be used.
    return { do: 'note', record, noted: forgotten(record, now.getTime().toString(36)) };
  }
  if (!secretMatchesStream(secret, record))
    return hasDetailsInStandby(stream)
      ? { do: 'refresh-secret', record, slot, why: 'slot' }
      : { do: 'ensure-stream', record };
  const requested = annotationMark(channel, annotations.rotateKey);
  if (requested !== undefined && requested !== record.rotated) return { do: 'rotate-key', record, requested };
  if (!relay) return undefined;
  if (isTokenOutdated(secret, credentials.value, agoraSubject(channel, slot, credentials.value), now))
    return { do: 'refresh-secret', record, slot, why: 'token' };
  if (secret.configDigest !== digests.config)
    return { do: 'refresh-secret', record, slot, why: 'configuration' };
  if (pod === undefined && isUidTaken(stream, observed)) return undefined; // it is created once the uid is free
  return pod === undefined
    ? { do: 'create-pod', record, slot }
    : stepForPod(stream, record, slot, pod, secret.revision, isReplacedInPlace(stream, observed, now));
}

/** Another relay of the channel still uses the only uid that the Agora token permits. */
function isUidTaken(stream: StreamState, { credentials, streams, unowned }: Observed): boolean {
  if (!permitsOneUid(credentials)) return false;
  const others = [
    ...streams.flatMap((each) => (each === stream ? [each.standby?.pod] : [each.pod, each.standby?.pod])),
    ...unowned.map(({ pod }) => pod),
  ];
  return others.some((pod) => pod !== undefined);
}

/** The Secret of the other slot has the stream's details, so that no call to the platform is needed. */
function hasDetailsInStandby({ record, standby }: StreamState): boolean {
  return secretMatchesStream(standby?.secret, record);
}

/**
 * The next step towards removing a stream: the pod first, so that the session ends properly; then the Secret, the
 * stream and the record. `why` is for the event about the pod. `keepStream`: the stream and its record remain.
 */
export function stepTowardsNothing(
  { record, pod, secretExists, deferred, standby }: StreamState,
  why: { readonly reason: Reason; readonly message: string },
  keepStream = false,
): StreamStep | undefined {
  if (deferred !== undefined) return undefined;
  const { slot, standby: _standby, ...slotless } = record;
  if (slot !== undefined) {
    if (standby?.pod?.deleting === false) return stepTowardsNoStandby(record, standby);
    if (pod !== undefined) return pod.deleting ? undefined : { do: 'delete-pod', slot, pod, ...why };
    if (standby !== undefined) return stepTowardsNoStandby(record, standby);
    if (secretExists) return { do: 'delete-secret', slot };
  }
  if (keepStream) return undefined;
  // The slot is released for another stream even if the platform takes long to delete this one.
  if (slot !== undefined && record.role === 'draining') return { do: 'note', record, noted: slotless };
  return { do: 'delete-stream', record };
}

/** The next step towards removing a standby: its pod, then its Secret, then its part of the record. */
export function stepTowardsNoStandby(record: StreamRecord, standby: Standby): StreamStep | undefined {
  const { slot, pod, secretExists, deferred } = standby;
  if (deferred !== undefined) return undefined;
  const why = { reason: 'RelayStopped', message: 'It is no longer needed' } as const;
  if (pod !== undefined) return pod.deleting ? undefined : { do: 'delete-pod', slot, pod, ...why };
  if (secretExists) return { do: 'delete-secret', slot };
  const { standby: _standby, ...noted } = record;
  return { do: 'note', record, noted };
}

/**
 * The next step for an existing pod; undefined where it is up to date or terminating. `revision`: of the current
 * Secret. `inPlace`: a pod of an older spec may be replaced in its own slot.
 */
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
  if (pod.deleting) return undefined; // the name cannot be used until the pod is gone
  if (pod.phase === 'Failed' || pod.phase === 'Succeeded') {
    const { reason, message } = ending(pod);
    return replace(reason, message);
  }
  if (pod.specDigest !== digests.pod && inPlace)
    return replace('SpecChanged', "The relay's configuration changed");
  if (pod.secretRevision === revision) return undefined;
  // A relay that terminated because of its old Secret is replaced at once: the kubelet's back-off can be five minutes.
  return endedFatally(pod)
    ? replace(ending(pod).reason, `Retrying with a new Secret: ${ending(pod).message}`)
    : { do: 'announce-secret', record, slot, pod };
}
