import type { LiveChannel } from '../../../api/live-channel.ts';
import type { IdleRecord } from '../../../api/annotations/stream-records.ts';
import type { RelayReport } from '../../../api/relay-contract.ts';
import { idleAsConfigured } from '../../desired/idle.ts';
import { desiredResources } from '../../desired/resources.ts';
import { offForCosts } from '../../desired/stream-mode.ts';
import {
  streamOf,
  type Observed,
  type Problem,
  type RelayPodFacts,
  type RelaySecretFacts,
  type StreamState,
} from '../../state.ts';
import { FAILOVER_GRACE_MS } from '../../timing.ts';

/** What the rules of the conditions read: what was observed, and what several rules derive from it, computed once. */
export interface ConditionInput {
  readonly observed: Observed;
  readonly channel: LiveChannel;
  readonly now: Date;
  readonly deleting: boolean;
  /** What the channel should have now. */
  readonly desired: { readonly stream: boolean; readonly relay: boolean };
  /** The stream that viewers are sent to, and what belongs to it. */
  readonly active: StreamState | undefined;
  readonly secret: RelaySecretFacts | undefined;
  readonly pod: RelayPodFacts | undefined;
  /** Undefined unless the relay's container runs: a report of one that ended is out of date. */
  readonly report: RelayReport | undefined;
  /** The relay is idle because of spec.relay.idle. */
  readonly idle: IdleRecord | undefined;
  /** Why costs or the budget keep the relay from running. */
  readonly offForCosts: Problem | undefined;
  /** A failover is under way and has not taken longer than its grace period. */
  readonly failingOver: boolean;
  /** Media arrives at the platform. */
  readonly onAir: boolean;
}

/** Computes what the rules share. */
export function conditionInput(observed: Observed, now: Date): ConditionInput {
  const { channel } = observed;
  const active = streamOf(observed, 'active');
  const pod = active?.pod;
  const report = pod?.running === true ? active?.report : undefined;
  const { stream, relay } = desiredResources(channel);
  const failingOver = relay && isFailingOver(active, channel, now);
  const pushes = report === undefined ? isReadyWithoutReport(pod) : report.state === 'live';
  return {
    observed,
    channel,
    now,
    deleting: channel.metadata.deletionTimestamp !== undefined,
    desired: { stream, relay },
    active,
    secret: active?.secret,
    pod,
    report,
    idle: idleAsConfigured(channel),
    offForCosts: offForCosts(channel),
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
 * A relay is ready only while media flows (its readiness probe). The kubelet sees that even where a network policy or
 * a broken network keeps the operator from reaching the relay's status endpoint.
 */
export function isReadyWithoutReport(pod: RelayPodFacts | undefined): boolean {
  return pod !== undefined && pod.running && pod.ready && !pod.deleting;
}
