import type { LiveChannel } from '../../api/live-channel.ts';
import { STREAM_FINALIZER } from '../../api/names.ts';
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
 * The one thing to do next. A reconcile observes, takes the step, observes again, and so on until `none`: so a crash
 * between any two steps is just another observation.
 */
export type Step =
  | StreamStep
  | FailoverStep
  /** Write the finalizer and the records of the streams. */
  | ({ readonly do: 'record' } & RoleChange)
  /** Nothing is owned any longer: remove the finalizer. A stream that is still recorded then is retained. */
  | { readonly do: 'release' }
  | { readonly do: 'none' };

const none: Step = { do: 'none' };

export function nextStep(observed: Observed, policy: Policy, now: Date): Step {
  if (observed.failure !== undefined) return none;
  const { channel } = observed;
  if (channel.metadata.deletionTimestamp !== undefined) return stepTowardsGone(observed);
  const idling = nextIdle(observed, requiresRelay(channel), policy, now);
  if (idling !== undefined) return { do: 'record', ...idling };
  const want = desiredResources(channel);
  if (!want.stream) return first(observed, (stream) => stepTowardsNothing(stream, notWanted)) ?? none;
  if (!want.relay) {
    const stop = first(observed, (stream) => stopRelay(stream, whyOff(channel)));
    if (stop !== undefined) return stop;
  }
  for (const stream of want.relay ? observed.streams : []) {
    const step = failoverStep(stream, observed, now);
    if (step !== undefined) return step;
  }
  const change = nextRoles(observed, want.relay, policy, now);
  if (change !== undefined) return { do: 'record', ...change };
  const { finalizers = [] } = channel.metadata;
  if (observed.streams.length > 0 && !finalizers.includes(STREAM_FINALIZER))
    return { do: 'record', records: observed.streams.map(({ record }) => record) };
  const step = first(observed, (stream) =>
    stream.record.role === 'draining'
      ? drained(stream, now)
        ? stepTowardsNothing(stream, moved)
        : undefined
      : (stepTowardsStream(stream, observed, want.relay, now) ??
        stepTowardsStandby(stream, observed, want.relay, now)),
  );
  return step ?? none;
}

interface Why {
  readonly reason: Reason;
  readonly message: string;
}
const suspended: Why = { reason: 'Suspended', message: 'spec.suspend is true' };
const notWanted: Why = { reason: 'RelayStopped', message: 'streamMode requires no relay' };
const idle: Why = { reason: 'Idle', message: 'The relay is idle, as spec.relay.idle configures' };
/** Why there is a stream and no relay. */
function whyOff(channel: LiveChannel): Why {
  if (channel.spec.suspend) return suspended;
  const about = offForCosts(channel);
  return about === undefined ? idle : { reason: 'RelayStopped', message: about.message };
}
const deleting: Why = { reason: 'Deleting', message: 'The channel is being deleted' };
const moved: Why = { reason: 'Migrated', message: 'The channel has migrated to another stream' };
const stray: Why = { reason: 'RelayStopped', message: 'No stream of the channel uses this relay' };

function stepTowardsGone(observed: Observed): Step {
  const { channel, streams } = observed;
  if (!(channel.metadata.finalizers ?? []).includes(STREAM_FINALIZER)) return none;
  const retain = channel.spec.deletionPolicy === 'Retain';
  const kept = (stream: StreamState): boolean => retain && stream.record.role === 'active';
  const step = first(observed, (stream) => stepTowardsNothing(stream, deleting, kept(stream)));
  if (step !== undefined) return step;
  const done = streams.every(
    (stream) => kept(stream) && stream.pod === undefined && stream.deferred === undefined,
  );
  return done && observed.unowned.length === 0 ? { do: 'release' } : none;
}

/** The first step that anything of the channel needs: children of no stream, then streams as they are listed. */
function first(observed: Observed, stepFor: (stream: StreamState) => Step | undefined): Step | undefined {
  for (const unowned of observed.unowned) {
    const step = clearUnowned(unowned);
    if (step !== undefined) return step;
  }
  // A relay without a record may push to any of the streams until it is gone.
  const strays = observed.unowned.some(({ pod }) => pod !== undefined);
  for (const stream of observed.streams) {
    const step = stepFor(stream);
    if (step !== undefined && !(strays && step.do === 'delete-stream')) return step;
  }
  return undefined;
}

function clearUnowned({ slot, pod, secret, deferred: held }: UnownedChildren): Step | undefined {
  if (held) return undefined;
  if (pod !== undefined) return pod.deleting ? undefined : { do: 'delete-pod', slot, pod, ...stray };
  return secret ? { do: 'delete-secret', slot } : undefined;
}

function stopRelay({ record, pod, deferred: held }: StreamState, why: Why): Step | undefined {
  if (pod === undefined || pod.deleting || record.slot === undefined || held !== undefined) return undefined;
  return { do: 'delete-pod', slot: record.slot, pod, ...why };
}

function drained({ record }: StreamState, now: Date): boolean {
  return record.until === undefined || now.getTime() >= Date.parse(record.until);
}
