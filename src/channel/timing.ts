import type { Timing } from '../base/timing.ts';

/**
 * Every duration of src/channel that users can notice. docs/reference/timings.md is generated from the table at the
 * end; a test checks that each constant is in the table.
 */

/** Durations in milliseconds that the operator's settings determine, not the spec of a channel. */
export interface Policy {
  /** Time that the previous stream continues after viewers were sent to the new one. */
  readonly drainMs: number;
  /** Time on the fallback platform before a return is attempted, and between two attempts. */
  readonly returnAfterMs: number;
  /** Timeout of an attempt to return. */
  readonly returnAttemptMs: number;
}

/** A stream that has been on air for this time has enough media for players. */
export const STABLE_AFTER_MS = 10_000;
/** A relay is usually replaced within this time. A migration is completed early only after it. */
export const REPLACEMENT_GRACE_MS = 15_000;
/** A failover takes one or two seconds, which is too short to report the channel as off air. */
export const FAILOVER_GRACE_MS = 5_000;
/** A pod that has not started within this time is replaced by a standby that is ready. */
export const POD_START_LIMIT_MS = 10_000;
/** Time that a kubelet needs to deliver a changed Secret to a pod whose annotation changed. */
export const SECRET_DELIVERY_MS = 3_000;
/** If a successor is not ready within this time, the cluster has no room for both: the relay is replaced in place. */
export const SUCCESSOR_LIMIT_MS = 60_000;
/** A relay that has been in the Agora channel for this time without seeing a host reports that there is none. */
export const HOST_PROBE_MS = 8_000;
/** A probe whose relay has not joined within this time is abandoned. The next probe is due at the usual interval. */
export const HOST_PROBE_TIMEOUT_MS = 60_000;
/** With startOn: host and no noHostSeconds: long enough for a host whose app restarts or whose network changes. */
export const HOST_LEFT_GRACE_MS = 60_000;
/** The last error of a relay on air is reported for this time. Older errors do not describe its current state. */
export const RECENT_ERROR_WINDOW_MS = 60_000;
/** Replaces Kubernetes' default of five minutes, during which a channel would be off air after the loss of its node. */
export const NODE_TOLERATION_MS = 5_000;
/** Time for the relay to end its session at the ingest properly. */
export const TERMINATION_GRACE_MS = 15_000;

/** Long enough for an app to notice the warning, to mint another token, and to pass it. */
export const AGORA_TOKEN_EXPIRING_MS = 300_000;
/** An app creates a channel and the Secret with its Agora token in two requests, in any order. */
export const AGORA_TOKEN_GRACE_MS = 10_000;

// Intervals of reconciles without an event, in plan/requeue-after.ts.

/** A change of the spec triggers a reconcile, and there is nothing outside the cluster to observe. */
export const NO_STREAM_REQUEUE_MS = 600_000;
/** The stream is kept without a relay: only its existence is observed. Changed annotations trigger a reconcile. */
export const NO_RELAY_REQUEUE_MS = 300_000;
/** The poller requeues the channel when a relay on air changes. This interval covers everything else. */
export const ON_AIR_REQUEUE_MS = 10_000;
/** A relay that starts is observed often, so that the status shows soon that it is on air. */
export const RELAY_START_REQUEUE_MS = 1_000;
/** Secrets with credentials are not watched. */
export const CREDENTIALS_REQUEUE_MS = 5_000;
/** A platform does not notify the operator of free capacity; more frequent calls would use up its rate limit. */
export const QUOTA_REQUEUE_MS = 15_000;
/** The end of a pod triggers a reconcile. This interval covers a lost event. */
export const DELETING_REQUEUE_MS = 5_000;

export const channelTimings: readonly Timing[] = [
  {
    name: 'STABLE_AFTER_MS',
    ms: STABLE_AFTER_MS,
    what: 'Time on air after which viewers are sent back from Agora to HLS',
    visibleAs: '`status.effectiveStreamMode`; condition FallbackActive stays True until then',
  },
  {
    name: 'REPLACEMENT_GRACE_MS',
    ms: REPLACEMENT_GRACE_MS,
    what: 'Time off air after which a migration is finished without waiting for the new stream to be playable',
    visibleAs: 'event Migrated while Ready is False',
  },
  {
    name: 'FAILOVER_GRACE_MS',
    ms: FAILOVER_GRACE_MS,
    what: 'Longest failover during which the channel still counts as on air',
    visibleAs: 'condition RelayReady with reason FailedOver; Ready stays True',
  },
  {
    name: 'POD_START_LIMIT_MS',
    ms: POD_START_LIMIT_MS,
    what: 'Time that a relay pod may take to start before a standby that is ready replaces it',
    visibleAs: 'event FailedOver with PodPending',
  },
  {
    name: 'SECRET_DELIVERY_MS',
    ms: SECRET_DELIVERY_MS,
    what: 'Time between the new stream key of a fencing and the start of the standby',
    visibleAs: 'length of a failover on platforms without takeover by priority',
  },
  {
    name: 'SUCCESSOR_LIMIT_MS',
    ms: SUCCESSOR_LIMIT_MS,
    what: 'Time that a replacement relay may take before the old one is replaced in place',
    visibleAs:
      'a short interruption after a change of the spec, where the cluster has no room for two relays',
  },
  {
    name: 'HOST_PROBE_MS',
    ms: HOST_PROBE_MS,
    what: 'Time in the Agora channel without a host after which a probe ends',
    visibleAs: 'condition RelayReady with reason Resuming, then Idle',
  },
  {
    name: 'HOST_PROBE_TIMEOUT_MS',
    ms: HOST_PROBE_TIMEOUT_MS,
    what: 'Longest probe for the host, whatever the relay does',
    visibleAs: 'condition RelayReady with reason Resuming, then Idle',
  },
  {
    name: 'HOST_LEFT_GRACE_MS',
    ms: HOST_LEFT_GRACE_MS,
    what: 'Time after which a relay with `startOn: host` stops once the host has left, if `noHostSeconds` is 0',
    visibleAs: 'condition RelayReady with reason Idle; a host that returns sooner finds the relay on air',
  },
  {
    name: 'RECENT_ERROR_WINDOW_MS',
    ms: RECENT_ERROR_WINDOW_MS,
    what: 'Time that a memory shortage of a relay on air stays in the status',
    visibleAs: 'condition RelayReady with reason MemoryPressure',
  },
  {
    name: 'NODE_TOLERATION_MS',
    ms: NODE_TOLERATION_MS,
    what: 'Time that a relay pod tolerates a node which is not ready or not reachable',
    visibleAs: 'the pod is evicted this long after Kubernetes marks the node',
  },
  {
    name: 'TERMINATION_GRACE_MS',
    ms: TERMINATION_GRACE_MS,
    what: 'Time that a relay has to end its stream when its pod is deleted',
    visibleAs: 'the pod is Terminating for at most this long',
  },
  {
    name: 'AGORA_TOKEN_EXPIRING_MS',
    ms: AGORA_TOKEN_EXPIRING_MS,
    what: 'Time before the end of an Agora token that the app passed at which the status warns; at most half its lifetime',
    visibleAs: 'condition Ready with reason AgoraTokenExpiring',
  },
  {
    name: 'AGORA_TOKEN_GRACE_MS',
    ms: AGORA_TOKEN_GRACE_MS,
    what: 'Time after the creation of a channel during which its Secret with the Agora token may be missing',
    visibleAs: 'condition Ready with reason RelayStarting, then CredentialsNotFound',
  },
  {
    name: 'NO_STREAM_REQUEUE_MS',
    ms: NO_STREAM_REQUEUE_MS,
    what: 'Interval between reconciles of a channel that requires no stream',
    visibleAs: 'nothing: a change of the resource triggers a reconcile',
  },
  {
    name: 'NO_RELAY_REQUEUE_MS',
    ms: NO_RELAY_REQUEUE_MS,
    what: 'Interval between reconciles of a channel whose stream is kept without a relay',
    visibleAs: 'how soon StreamReady shows that the stream was deleted on the platform',
  },
  {
    name: 'ON_AIR_REQUEUE_MS',
    ms: ON_AIR_REQUEUE_MS,
    what: 'Interval between reconciles of a channel on air',
    visibleAs: 'how soon the status shows what no event reports',
  },
  {
    name: 'RELAY_START_REQUEUE_MS',
    ms: RELAY_START_REQUEUE_MS,
    what: 'Interval between reconciles of a channel whose relay is not on air yet',
    visibleAs: 'how soon Ready becomes True once the relay is on air',
  },
  {
    name: 'CREDENTIALS_REQUEUE_MS',
    ms: CREDENTIALS_REQUEUE_MS,
    what: 'Interval between reconciles of a channel without credentials or platform',
    visibleAs: 'how soon a corrected Secret takes effect',
  },
  {
    name: 'QUOTA_REQUEUE_MS',
    ms: QUOTA_REQUEUE_MS,
    what: 'Interval between reconciles of a channel that waits for the quota',
    visibleAs: 'condition StreamReady with reason QuotaExceeded',
  },
  {
    name: 'DELETING_REQUEUE_MS',
    ms: DELETING_REQUEUE_MS,
    what: 'Interval between reconciles of a channel that is being deleted',
    visibleAs: 'how soon the LiveChannel is gone once its pods and streams are',
  },
];
