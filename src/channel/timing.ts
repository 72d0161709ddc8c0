/**
 * Every duration of src/channel that users can notice. docs/reference/timings.md is generated from the table at the
 * end, and a test holds that each constant is in it.
 */

/** A row of docs/reference/timings.md. */
export interface Timing {
  /** Name of the constant. */
  readonly name: string;
  readonly ms: number;
  /** What it is, as a noun phrase. */
  readonly what: string;
  /** What users notice of it. */
  readonly visibleAs: string;
}

/** How long things may take that the spec does not say; from the operator's settings. */
export interface Policy {
  /** The old stream keeps running this long after viewers were sent to the new one. */
  readonly drainMs: number;
  /** Time on the fallback platform before the return is tried, and between two attempts. */
  readonly returnAfterMs: number;
  /** An attempt to return is aborted after this. */
  readonly returnAttemptMs: number;
}

/** Players find media in a stream that has been on air this long. */
export const STABLE_AFTER_MS = 10_000;
/** A relay that is replaced is usually back within this: a migration need not be finished at once instead. */
export const REPLACEMENT_GRACE_MS = 15_000;
/** A failover takes a second or two: too short to report the channel as off air. */
export const FAILOVER_GRACE_MS = 5_000;
/** A pod that has not started by then is not waited for where a standby is ready. */
export const POD_START_LIMIT_MS = 10_000;
/** The time that a kubelet needs to bring a changed Secret into a pod whose annotation changed. */
export const SECRET_DELIVERY_MS = 3_000;
/** A successor that is not ready by then has no room beside its predecessor, which is replaced in place. */
export const SUCCESSOR_LIMIT_MS = 60_000;
/** A relay that has been in the Agora channel this long without seeing a host knows that there is none. */
export const HOST_PROBE_MS = 8_000;
/** A probe whose relay did not even join by then is given up; the next one is due at the usual interval. */
export const HOST_PROBE_TIMEOUT_MS = 60_000;
/** An error of a relay on air is reported this long; an older one does not describe its present state. */
export const RECENT_ERROR_WINDOW_MS = 60_000;
/** Kubernetes' default of five minutes would keep a channel off air that long after its node was lost. */
export const NODE_TOLERATION_MS = 5_000;
/** Enough to end the stream at the ingest properly. */
export const TERMINATION_GRACE_MS = 15_000;

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
];
