import type { LiveChannel } from '../../../api/live-channel.ts';
import type { IdleRecord } from '../../../api/stream-records.ts';
import type { RelayReport } from '../../../api/relay-contract.ts';
import { idleAsConfigured } from '../../desired/idle.ts';
import { desiredResources } from '../../desired/resources.ts';
import { offForCosts } from '../../desired/stream-mode.ts';
import { streamOf, type Observed, type Problem, type RelayPodFacts, type StreamState } from '../../state.ts';
import { FAILOVER_GRACE_MS } from '../../timing.ts';

/** The input of the rules: what was observed, and what several rules derive from it. */
export interface ConditionInput {
  readonly observed: Observed;
  readonly channel: LiveChannel;
  readonly now: Date;
  readonly deleting: boolean;
  /** Whether the channel should have a stream and a relay now. */
  readonly desired: { readonly stream: boolean; readonly relay: boolean };
  /** The stream that viewers are sent to, and what belongs to it. */
  readonly active: StreamState | undefined;
  readonly pod: RelayPodFacts | undefined;
  /** Undefined unless the relay's container runs, because the report of a terminated container is out of date. */
  readonly report: RelayReport | undefined;
  /** The relay is idle because of spec.relay.idle. */
  readonly idle: IdleRecord | undefined;
  /** Why the relay does not run because of costs or the budget. */
  readonly offForCosts: Problem | undefined;
  /** The Agora token has expired, and the relay is out of its channel: it repeats the last frame until the session ends. */
  readonly expiredToken: Problem | undefined;
  /** A failover is under way and has not taken longer than its grace period. */
  readonly failingOver: boolean;
  /** Media arrives at the platform. */
  readonly onAir: boolean;
}

/** Computes the input of the rules. */
export function conditionInput(observed: Observed, now: Date): ConditionInput {
  const { channel } = observed;
  const active = streamOf(observed, 'active');
  const pod = active?.pod;
  const report = pod?.running === true ? active?.report : undefined;
  const { stream, relay } = desiredResources(channel);
  const failingOver = relay && isFailingOver(active, channel, now);
  const { credentials } = observed;
  const expired = !credentials.ok && credentials.problem.reason === 'AgoraTokenExpired';
  const expiredToken = expired && report?.videoOutput === 'held' ? credentials.problem : undefined;
  const pushes =
    report === undefined
      ? isReadyWithoutReport(active)
      : report.state === 'live' && expiredToken === undefined;
  return {
    observed,
    channel,
    now,
    deleting: channel.metadata.deletionTimestamp !== undefined,
    desired: { stream, relay },
    active,
    pod,
    report,
    idle: idleAsConfigured(channel),
    offForCosts: offForCosts(channel),
    expiredToken,
    failingOver,
    onAir: failingOver || (relay && pushes),
  };
}

function isFailingOver(active: StreamState | undefined, { status }: LiveChannel, now: Date): boolean {
  if (active?.record.failedOverAt === undefined) return false;
  if (active.pod?.running !== true || status?.relayStatus !== 'active') return false;
  if (active.report?.state === 'live') return false;
  return now.getTime() - Date.parse(active.record.failedOverAt) < FAILOVER_GRACE_MS;
}

/**
 * The kubelet reports that the relay is ready, which it is only while media flows (see its readiness probe). This is
 * known even where a network policy or a fault keeps the operator from reaching the relay's status endpoint. It says
 * nothing about a relay that hangs.
 */
export function isReadyWithoutReport(stream: StreamState | undefined): boolean {
  const pod = stream?.pod;
  return pod !== undefined && pod.running && pod.ready && !pod.deleting && stream?.frozen === false;
}
