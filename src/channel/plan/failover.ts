import type { Reason } from '../../api/reasons.ts';
import type { StreamState, Observed, Problem, RelayPodFacts, Standby } from '../state.ts';
import { otherSlot, sameStream, slotsOf, type Slot, type StreamRecord } from '../../api/stream-records.ts';
import { blamesPlatform } from '../status/outage.ts';
import { permitsOneUid } from '../pod/agora-token.ts';
import { ending, endedFatally, podProblem } from '../pod/pod-problem.ts';
import { secretMatchesStream } from './secret-matches-stream.ts';
import { isOnAir } from './stream-roles.ts';
import { POD_START_LIMIT_MS, SECRET_DELIVERY_MS, SUCCESSOR_LIMIT_MS } from '../timing.ts';

/** The steps that make the relay push whose slot the stream's record names, and no other. */
export type FailoverStep =
  /** Record that the other slot pushes. No relay is commanded before this is written. */
  | {
      readonly do: 'fail-over';
      readonly record: StreamRecord;
      readonly noted: StreamRecord;
      readonly lost: RelayPodFacts | undefined;
      readonly why: Problem;
    }
  /** Command a relay to push, or to stand by. */
  | {
      readonly do: 'command';
      readonly slot: Slot;
      readonly pod: RelayPodFacts;
      readonly to: 'activate' | 'standby';
      readonly epoch: number;
    }
  /** Record that a new key will be created, before it is. */
  | { readonly do: 'note'; readonly record: StreamRecord; readonly noted: StreamRecord }
  /** Create a new stream key. Only the relay that should push receives it. */
  | { readonly do: 'fence'; readonly record: StreamRecord };

/** Minimum difference between two epochs. A relay raises its priority by one with each session of its epoch. */
const EPOCH_STEP = 10;

/** The failover step of a stream that should be pushed to, if any. It precedes all other steps. */
export function failoverStep(stream: StreamState, observed: Observed, now: Date): FailoverStep | undefined {
  if (stream.record.role === 'draining' || stream.record.slot === undefined) return undefined;
  return failOver(stream, stream.record.slot, observed, now) ?? command(stream, stream.record.slot, now);
}

function failOver(stream: StreamState, from: Slot, observed: Observed, now: Date): FailoverStep | undefined {
  const { record, standby, pod } = stream;
  const why = reasonToFailOver(stream, now);
  if (why === undefined) return undefined;
  const to =
    standby === undefined
      ? emptySlot(stream, from, observed)
      : isStandbyReady(standby)
        ? standby.slot
        : undefined;
  if (to === undefined) return undefined;
  const node = stream.nodeLost ? pod?.nodeName : undefined;
  const noted: StreamRecord = {
    ...record,
    slot: to,
    standby: { slot: from, since: now.toISOString(), ...(node === undefined ? {} : { node }) },
    epoch: Math.max(Math.floor(now.getTime() / 1_000), (record.epoch ?? 0) + EPOCH_STEP),
    failedOverAt: now.toISOString(),
  };
  return { do: 'fail-over', record, noted, lost: pod, why };
}

/**
 * The slot for the replacement of a relay on a lost node. It is the other slot, because the pod on that node may remain
 * indefinitely and keeps its name.
 */
function emptySlot(stream: StreamState, from: Slot, { streams, unowned }: Observed): Slot | undefined {
  if (!stream.nodeLost || !secretMatchesStream(stream.secret, stream.record)) return undefined;
  const to = otherSlot(from);
  const taken = [...streams.flatMap(({ record }) => slotsOf(record)), ...unowned.map(({ slot }) => slot)];
  return taken.includes(to) ? undefined : to;
}

/** Why to fail over now. A missing host is no reason, because the other relay would not find one either. */
function reasonToFailOver(stream: StreamState, now: Date): Problem | undefined {
  const lost = whyLost(stream, now);
  if (lost !== undefined) return blamesPlatform(lost.reason) ? undefined : lost;
  const { standby } = stream;
  const renewed = isOutdated(stream) && standby?.pod !== undefined && !isOutdated(standby);
  return renewed ? { reason: 'SpecChanged', message: 'Its configuration changed.' } : undefined;
}

function whyLost({ pod, report, silent, nodeLost }: StreamState, now: Date): Problem | undefined {
  const lost = (reason: Reason, message: string): Problem => ({ reason, message });
  if (pod === undefined) return lost('PodDeleted', 'Its pod no longer exists.');
  if (nodeLost) return lost('NodeLost', `Node ${pod.nodeName ?? ''} has stopped renewing its lease.`);
  if (pod.deleting) return lost('PodDeleted', 'Its pod is being deleted.');
  if (pod.phase === 'Failed' || pod.phase === 'Succeeded') return ending(pod);
  if (!pod.running) {
    if (pod.ended !== undefined) return ending(pod);
    const late = now.getTime() - pod.createdAt.getTime() > POD_START_LIMIT_MS;
    return late
      ? (podProblem(pod) ??
          lost('PodPending', `Its pod has not started within ${POD_START_LIMIT_MS / 1_000} s.`))
      : undefined;
  }
  if (report?.state === 'stopping') return lost('ShuttingDown', 'It is shutting down.');
  return silent ? lost('RelayReplaced', 'It no longer responds.') : undefined;
}

/** The standby has joined the Agora channel, is ready to push, and does not push. */
export function isStandbyReady({ pod, report }: Standby): boolean {
  return pod?.running === true && !pod.deleting && report?.standby === true && report.state === 'waiting';
}

/** The pod was created from an older spec. False for a pod that is terminating, and while the digests are unknown. */
export function isOutdated({ pod, digests }: Pick<StreamState, 'pod' | 'digests'>): boolean {
  return pod !== undefined && !pod.deleting && digests.pod !== '' && pod.specDigest !== digests.pod;
}

/**
 * The command or the fencing that is due. A relay that answers is commanded to stand by before its successor is
 * commanded to push. A relay that does not answer is commanded as soon as it does; until then the ingest rejects it,
 * because its priority is lower or because it lacks the new key.
 */
function command(stream: StreamState, slot: Slot, now: Date): FailoverStep | undefined {
  const { record, standby, pod, report } = stream;
  const epoch = record.epoch ?? 0;
  const mayFence = stream.deferred === undefined && stream.platform.ok && record.id !== undefined;
  if (mayFence && record.fenced !== undefined && record.fenced.at === undefined)
    return { do: 'fence', record };
  if (
    standby?.pod !== undefined &&
    standby.report?.standby === false &&
    !standby.commanded &&
    !standby.pod.deleting
  )
    return { do: 'command', slot: standby.slot, pod: standby.pod, to: 'standby', epoch };
  if (pod?.running !== true || pod.deleting || report?.standby !== true || stream.commanded) return undefined;
  const fence = fenceOf(stream, now);
  if (fence === 'effective') return { do: 'command', slot, pod, to: 'activate', epoch };
  return fence === 'missing' && mayFence
    ? { do: 'note', record, noted: { ...record, fenced: { epoch } } }
    : undefined;
}

/** `effective`: the relay in the other slot cannot push, whatever its own state is. */
function fenceOf({ record, platform, standby }: StreamState, now: Date): 'effective' | 'missing' | 'pending' {
  const { fenced, epoch } = record;
  if (fenced !== undefined && fenced.at === undefined) return 'pending';
  if (standby === undefined || cannotPublish(standby)) return 'effective';
  if (!platform.ok) return 'pending';
  if (platform.value.takeover !== undefined) return 'effective';
  if (fenced?.at === undefined || fenced.epoch !== epoch) return 'missing';
  return now.getTime() - Date.parse(fenced.at) >= SECRET_DELIVERY_MS ? 'effective' : 'pending';
}

/** The relay reports that it stands by, or its pod is gone or has terminated. */
export function cannotPublish({ pod, report }: Standby): boolean {
  if (pod === undefined || pod.phase === 'Failed' || pod.phase === 'Succeeded') return true;
  return report?.standby === true;
}

/**
 * Whether the stream should have a second relay: as a hot standby (`replicas: 2`), or to replace an outdated relay that
 * is on air without an interruption. During a migration there is none, because the other slot belongs to the other
 * stream. `relay`: the channel should have a relay.
 */
export function needsStandby(stream: StreamState, observed: Observed, relay: boolean): boolean {
  const { record } = stream;
  const { desired, streams, channel, credentials } = observed;
  if (permitsOneUid(credentials)) return false;
  // A relay that only checks for the host has no standby. While viewers leave for Agora, the standby is kept.
  const isProbing = record.idle?.probingSince !== undefined;
  if (!relay || record.role !== 'active' || isProbing) return false;
  const migrates =
    desired.ok && !sameStream(record, { platform: desired.value.platform.name, name: desired.value.name });
  if (migrates || streams.some((each) => !sameStream(each.record, record) && each.record.slot !== undefined))
    return false;
  return channel.spec.relay.replicas === 2 || (isOutdated(stream) && isOnAir(stream));
}

/** Whether a relay whose configuration changed is replaced in its own slot, which takes the channel off air. */
export function isReplacedInPlace(stream: StreamState, observed: Observed, now: Date): boolean {
  if (!isOnAir(stream) || !needsStandby(stream, observed, true)) return true;
  const { standby, record } = stream;
  if (
    standby === undefined ||
    isStandbyReady(standby) ||
    isOutdated(standby) ||
    standby.pod?.deleting === true
  )
    return false;
  const since = standby.pod?.createdAt.getTime() ?? Date.parse(record.standby?.since ?? '');
  if (!(now.getTime() - since > SUCCESSOR_LIMIT_MS)) return false;
  if (standby.pod === undefined) return standby.deferred?.failure !== undefined;
  // What keeps the successor from starting would also keep this relay from it, unless there is only no room for both.
  const problem = podProblem(standby.pod);
  return !endedFatally(standby.pod) && (problem === undefined || problem.reason === 'PodPending');
}
