import type { LiveChannel } from '../../api/live-channel.ts';
import { STREAM_FINALIZER } from '../../api/names.ts';
import { memoryOf } from '../../api/stream-records.ts';
import type { Reason } from '../../api/reasons.ts';
import { offForCosts } from '../desired/stream-mode.ts';
import { failoverStep, type FailoverStep } from './failover.ts';
import { stepTowardsNothing, stepTowardsStream, type StreamStep } from './stream-step.ts';
import type { StreamState, UnownedChildren, Observed } from '../state.ts';
import type { Policy } from '../timing.ts';
import { nextIdle } from '../desired/idle.ts';
import { nextRoles, type RoleChange } from './stream-roles.ts';
import { stepTowardsStandby } from './standby-step.ts';
import { requiresRelay, desiredResources } from '../desired/resources.ts';

/**
 * The one step to take next. A reconcile observes, takes the step, observes again, and so on until `none`, so that the
 * operator continues correctly after a crash between any two steps.
 */
export type Step =
  | StreamStep
  | FailoverStep
  /** The records are lost: rebuild them from the platforms. */
  | { readonly do: 'recover' }
  /** Write the finalizer and the records of the streams. */
  | ({ readonly do: 'record' } & RoleChange)
  /** The channel has no children left: remove the finalizer. A stream that is still recorded is retained. */
  | { readonly do: 'release' }
  | { readonly do: 'none' };

const none: Step = { do: 'none' };

/** Decides the next step from what was observed. */
export function nextStep(observed: Observed, policy: Policy, now: Date): Step {
  if (observed.failure !== undefined) return none;
  const { channel } = observed;
  const { deletionTimestamp, finalizers = [] } = channel.metadata;
  if (deletionTimestamp !== undefined && !finalizers.includes(STREAM_FINALIZER)) return none;
  if (memoryOf(channel) === 'lost') return { do: 'recover' };
  if (deletionTimestamp !== undefined) return stepTowardsGone(observed);
  const idling = nextIdle(observed, requiresRelay(channel), policy, now);
  if (idling !== undefined) return { do: 'record', ...idling };
  const desired = desiredResources(channel);
  if (!desired.stream) return first(observed, (stream) => stepTowardsNothing(stream, notRequired)) ?? none;
  if (!desired.relay) {
    const stop = first(observed, (stream) => stopRelay(stream, whyOff(channel)));
    if (stop !== undefined) return stop;
  }
  for (const stream of desired.relay ? observed.streams : []) {
    const step = failoverStep(stream, observed, now);
    if (step !== undefined) return step;
  }
  const change = nextRoles(observed, desired.relay, policy, now);
  if (change !== undefined) return { do: 'record', ...change };
  if (observed.streams.length > 0 && !finalizers.includes(STREAM_FINALIZER))
    return { do: 'record', records: observed.streams.map(({ record }) => record) };
  const step = first(observed, (stream) =>
    stream.record.role === 'draining'
      ? isDrained(stream, now)
        ? stepTowardsNothing(stream, migrated)
        : undefined
      : (stepTowardsStream(stream, observed, desired.relay, now) ??
        stepTowardsStandby(stream, observed, desired.relay, now)),
  );
  return step ?? none;
}

/** Reason and message of an event. */
interface Why {
  readonly reason: Reason;
  readonly message: string;
}
const suspended: Why = { reason: 'Suspended', message: 'spec.suspend is true' };
const notRequired: Why = { reason: 'RelayStopped', message: 'streamMode requires no relay' };
const idle: Why = { reason: 'Idle', message: 'The relay is idle, as spec.relay.idle configures' };
/** Why the channel has a stream and no relay. */
function whyOff(channel: LiveChannel): Why {
  if (channel.spec.suspend) return suspended;
  const costs = offForCosts(channel);
  return costs === undefined ? idle : { reason: 'RelayStopped', message: costs.message };
}
const deleting: Why = { reason: 'Deleting', message: 'The channel is being deleted' };
const migrated: Why = { reason: 'Migrated', message: 'The channel has migrated to another stream' };
const unownedRelay: Why = { reason: 'RelayStopped', message: 'No stream of the channel uses this relay' };

function stepTowardsGone(observed: Observed): Step {
  const { channel, streams } = observed;
  const retain = channel.spec.deletionPolicy === 'Retain';
  const isRetained = (stream: StreamState): boolean => retain && stream.record.role === 'active';
  const step = first(observed, (stream) => stepTowardsNothing(stream, deleting, isRetained(stream)));
  if (step !== undefined) return step;
  const done = streams.every(
    (stream) => isRetained(stream) && stream.pod === undefined && stream.deferred === undefined,
  );
  return done && observed.unowned.length === 0 ? { do: 'release' } : none;
}

/** The first step that is due: for unowned children, then for each stream in the order of the records. */
function first(observed: Observed, stepFor: (stream: StreamState) => Step | undefined): Step | undefined {
  for (const unowned of observed.unowned) {
    const step = clearUnowned(unowned);
    if (step !== undefined) return step;
  }
  // An unowned relay may push to any of the streams until its pod is gone.
  const hasUnownedPod = observed.unowned.some(({ pod }) => pod !== undefined);
  for (const stream of observed.streams) {
    const step = stepFor(stream);
    if (step !== undefined && !(hasUnownedPod && step.do === 'delete-stream')) return step;
  }
  return undefined;
}

function clearUnowned({ slot, pod, secret, deferred }: UnownedChildren): Step | undefined {
  if (deferred) return undefined;
  if (pod !== undefined) return pod.deleting ? undefined : { do: 'delete-pod', slot, pod, ...unownedRelay };
  return secret ? { do: 'delete-secret', slot } : undefined;
}

function stopRelay({ record, pod, deferred }: StreamState, why: Why): Step | undefined {
  if (pod === undefined || pod.deleting || record.slot === undefined || deferred !== undefined)
    return undefined;
  return { do: 'delete-pod', slot: record.slot, pod, ...why };
}

function isDrained({ record }: StreamState, now: Date): boolean {
  return record.until === undefined || now.getTime() >= Date.parse(record.until);
}
