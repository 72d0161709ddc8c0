import type { Timing } from '../base/timing.ts';

/**
 * Every duration of the controllers that users can notice: how relays are polled, when a node counts as lost, how
 * often platforms are called. docs/reference/timings.md is generated from the table at the end; a test checks that
 * each constant is in the table.
 */

/** Interval with a standby. Two polls in a row without an answer trigger a failover, within less than a second. */
export const FAST_POLL_INTERVAL_MS = 350;
/** A relay that does not answer within one interval has missed the poll. */
export const FAST_POLL_TIMEOUT_MS = 350;
/**
 * Bounds of the interval without a standby. A replacement takes seconds to start, so that faster polls would gain nothing
 * there; but sellers see what relays report.
 */
export const SLOW_POLL_MIN_INTERVAL_MS = 1_000;
export const SLOW_POLL_MAX_INTERVAL_MS = 4_000;
/** Time between polls of different relays without a standby, which bounds the load: at most 250 a second, up to 1,000 relays. */
export const SLOW_POLL_SPACING_MS = 4;
/** Interval after a slow poll without an answer. */
export const SLOW_POLL_RETRY_MS = 1_000;
export const SLOW_POLL_TIMEOUT_MS = 1_000;
/** Timeout of a poll that a reconcile waits for. */
export const REPORT_TIMEOUT_MS = 1_500;
/** A report of a relay that is polled fast is used without another poll up to this age, which is two intervals. */
export const FAST_REPORT_MAX_AGE_MS = 700;
/** While a ready pod does not answer, its last report is used up to this age: a busy network is not an outage. */
export const REPORT_GRACE_MS = 10_000;
/** A relay that has not answered for this time is polled less often, because each poll delays the reconcile. */
export const UNRESPONSIVE_AFTER_MS = 3_000;
export const UNRESPONSIVE_RETRY_MS = 2_000;
/** A relay that has never answered may still be starting. */
export const RELAY_START_GRACE_MS = 5_000;
/** A healthy relay answers at once, and a relay with a fault must not delay its successor. */
export const COMMAND_TIMEOUT_MS = 500;
/** A running relay that has not answered for this time may be on a lost node, so that the Lease of the node is read. */
export const SUSPECT_NODE_AFTER_MS = 5_000;
/** Kubelets renew the Lease of their node every 10 s, with a jitter of 4%. Kubernetes itself waits 50 s. */
export const NODE_LOST_AFTER_MS = 11_000;
/** Minimum interval between reads of one Lease, regardless of the number of relays on the node. */
export const LEASE_MAX_AGE_MS = 1_000;
/** Platforms limit the rate of calls: Amazon IVS allows five per second for a whole account. */
export const EXISTENCE_CHECK_INTERVAL_MS = 5_000;
/** Interval at which the playlist of an incoming stream is fetched, until its end advances. */
export const PLAYBACK_PROBE_INTERVAL_MS = 900;
/** Where the operator cannot reach the playlist, a stream counts as playable after this time on air. */
export const UNREACHABLE_PLAYLIST_GRACE_MS = 15_000;
/** Older viewer counts are not used, because the platform may be unavailable. */
export const VIEWER_COUNT_MAX_AGE_MS = 180_000;
/** Time until a create on a full platform is tried again. It doubles with each refusal, up to the maximum. */
export const QUOTA_RETRY_MIN_MS = 15_000;
export const QUOTA_RETRY_MAX_MS = 120_000;
/** Time for which a place is reserved for a channel whose record the cache does not show yet. */
export const QUOTA_RESERVATION_MS = 30_000;

// Intervals of steps that are repeated, in live-channel/steps.

/** A relay needs a moment to follow a command; its next report shows whether it did. */
export const COMMAND_REQUEUE_MS = 250;
/** A stream key that could not be rotated keeps the successor from pushing. */
export const FENCE_RETRY_MS = 1_000;
/** The API server reports that a pod exists which was deleted before it could be read. */
export const POD_CREATED_REQUEUE_MS = 100;
/** A pod of the same name that is terminating frees its name soon. */
export const POD_NAME_REQUEUE_MS = 500;
/** What the API server or a platform refuses stays refused until a user acts. */
export const REFUSED_RETRY_MS = 15_000;
export const FOREIGN_SECRET_RETRY_MS = 5_000;
export const PLATFORM_RETRY_MS = 5_000;
/** A stream can be deleted only when its platform can be used again. */
export const PLATFORM_CLOSED_RETRY_MS = 10_000;
export const STREAM_REQUEUE_MS = 2_000;
/** A channel in the queue is requeued when a call ends; this covers a requeue that was missed. */
export const CONCURRENCY_REQUEUE_MS = 30_000;

export const controllerTimings: readonly Timing[] = [
  {
    name: 'FAST_POLL_INTERVAL_MS',
    ms: FAST_POLL_INTERVAL_MS,
    what: 'Interval between polls of relays with a standby (`replicas: 2`, or during a replacement)',
    visibleAs: 'time to a failover: two missed polls',
  },
  {
    name: 'FAST_POLL_TIMEOUT_MS',
    ms: FAST_POLL_TIMEOUT_MS,
    what: 'Timeout of a poll of a relay with a standby',
    visibleAs: 'time to a failover: two missed polls',
  },
  {
    name: 'SLOW_POLL_MIN_INTERVAL_MS',
    ms: SLOW_POLL_MIN_INTERVAL_MS,
    what: 'Shortest interval between polls of a relay without a standby, with up to 250 such relays',
    visibleAs: 'how soon status and seller see what the relay reports while it is on air',
  },
  {
    name: 'SLOW_POLL_MAX_INTERVAL_MS',
    ms: SLOW_POLL_MAX_INTERVAL_MS,
    what: 'Longest interval between polls of a relay without a standby, from 1,000 such relays on',
    visibleAs: 'how soon status and seller see what the relay reports while it is on air',
  },
  {
    name: 'SLOW_POLL_SPACING_MS',
    ms: SLOW_POLL_SPACING_MS,
    what: 'Interval between polls of a relay without a standby, for each such relay: 2 s with 500',
    visibleAs: 'how soon status and seller see what the relay reports while it is on air',
  },
  {
    name: 'SLOW_POLL_RETRY_MS',
    ms: SLOW_POLL_RETRY_MS,
    what: 'Interval between polls of a relay without a standby while it does not answer',
    visibleAs: 'how soon a lost relay is noticed',
  },
  {
    name: 'SLOW_POLL_TIMEOUT_MS',
    ms: SLOW_POLL_TIMEOUT_MS,
    what: 'Timeout of a poll of a relay without a standby',
    visibleAs: 'how soon a lost relay is noticed',
  },
  {
    name: 'REPORT_TIMEOUT_MS',
    ms: REPORT_TIMEOUT_MS,
    what: 'Timeout of a poll by a reconcile',
    visibleAs: 'length of a reconcile while a relay does not answer',
  },
  {
    name: 'FAST_REPORT_MAX_AGE_MS',
    ms: FAST_REPORT_MAX_AGE_MS,
    what: 'Age up to which the report of a relay with a standby is used without another poll',
    visibleAs: 'how soon the status shows what no event reports',
  },
  {
    name: 'REPORT_GRACE_MS',
    ms: REPORT_GRACE_MS,
    what: 'Time that the last report of a ready pod is used when it does not answer',
    visibleAs: 'Ready stays True while the network between operator and relay fails for a moment',
  },
  {
    name: 'UNRESPONSIVE_AFTER_MS',
    ms: UNRESPONSIVE_AFTER_MS,
    what: 'Time without an answer after which reconciles poll a relay less often',
    visibleAs: 'how soon the status shows a relay that answers again',
  },
  {
    name: 'UNRESPONSIVE_RETRY_MS',
    ms: UNRESPONSIVE_RETRY_MS,
    what: 'Interval between polls by reconciles of a relay that does not answer',
    visibleAs: 'how soon the status shows a relay that answers again',
  },
  {
    name: 'RELAY_START_GRACE_MS',
    ms: RELAY_START_GRACE_MS,
    what: 'Time for which a relay that has never answered counts as starting',
    visibleAs: 'earliest failover from a relay that does not come up',
  },
  {
    name: 'COMMAND_TIMEOUT_MS',
    ms: COMMAND_TIMEOUT_MS,
    what: 'Timeout of the command to push or to stand by',
    visibleAs: 'length of a failover from a relay that does not answer',
  },
  {
    name: 'SUSPECT_NODE_AFTER_MS',
    ms: SUSPECT_NODE_AFTER_MS,
    what: 'Time without an answer from a relay after which the Lease of its node is read',
    visibleAs: 'event FailedOver or condition RelayReady with reason NodeLost',
  },
  {
    name: 'NODE_LOST_AFTER_MS',
    ms: NODE_LOST_AFTER_MS,
    what: 'Age of the Lease at which the node counts as lost',
    visibleAs: 'event FailedOver with NodeLost: at most this long after the node was lost, plus the polls',
  },
  {
    name: 'LEASE_MAX_AGE_MS',
    ms: LEASE_MAX_AGE_MS,
    what: 'Time for which the result of reading a Lease is used again',
    visibleAs: 'adds to the time until a node counts as lost',
  },
  {
    name: 'EXISTENCE_CHECK_INTERVAL_MS',
    ms: EXISTENCE_CHECK_INTERVAL_MS,
    what: 'Shortest interval between checks whether one stream still exists on its platform',
    visibleAs: 'how soon StreamReady shows StreamNotFound after an ingest refused the key',
  },
  {
    name: 'PLAYBACK_PROBE_INTERVAL_MS',
    ms: PLAYBACK_PROBE_INTERVAL_MS,
    what: 'Interval between playback probes of a stream that becomes active',
    visibleAs: 'how soon a migration ends once the new stream is playable',
  },
  {
    name: 'UNREACHABLE_PLAYLIST_GRACE_MS',
    ms: UNREACHABLE_PLAYLIST_GRACE_MS,
    what: 'Time on air that counts as playable where the operator cannot reach the playlist',
    visibleAs: 'length of a migration from a cluster without a route to the playback URL',
  },
  {
    name: 'VIEWER_COUNT_MAX_AGE_MS',
    ms: VIEWER_COUNT_MAX_AGE_MS,
    what: 'Age up to which viewer counts of a platform are used',
    visibleAs: 'a relay does not become idle on the basis of older counts',
  },
  {
    name: 'QUOTA_RETRY_MIN_MS',
    ms: QUOTA_RETRY_MIN_MS,
    what: 'First interval after which a create on a full platform is tried again',
    visibleAs: 'condition StreamReady with reason QuotaExceeded',
  },
  {
    name: 'QUOTA_RETRY_MAX_MS',
    ms: QUOTA_RETRY_MAX_MS,
    what: 'Longest interval after which a create on a full platform is tried again',
    visibleAs: 'condition StreamReady with reason QuotaExceeded',
  },
  {
    name: 'QUOTA_RESERVATION_MS',
    ms: QUOTA_RESERVATION_MS,
    what: 'Time that a place within maxStreams stays reserved for a channel',
    visibleAs: 'how soon the next channel gets the place of one that failed',
  },
  {
    name: 'COMMAND_REQUEUE_MS',
    ms: COMMAND_REQUEUE_MS,
    what: 'Time after a command to a relay until its report is polled',
    visibleAs: 'length of a failover',
  },
  {
    name: 'FENCE_RETRY_MS',
    ms: FENCE_RETRY_MS,
    what: 'Interval between attempts to rotate the stream key during a failover',
    visibleAs: 'length of a failover on platforms where one of two publishers wins at random',
  },
  {
    name: 'POD_CREATED_REQUEUE_MS',
    ms: POD_CREATED_REQUEUE_MS,
    what: 'Time until a pod is created again that was deleted while it was created',
    visibleAs: 'start of a relay',
  },
  {
    name: 'POD_NAME_REQUEUE_MS',
    ms: POD_NAME_REQUEUE_MS,
    what: 'Interval at which the name of a terminating pod is tried again',
    visibleAs: 'start of a replacement',
  },
  {
    name: 'REFUSED_RETRY_MS',
    ms: REFUSED_RETRY_MS,
    what: 'Interval between attempts that a quota, an admission policy or a platform refuses',
    visibleAs:
      'how soon a channel recovers once the cause is removed: `PodCreateFailed`, `ReconcileFailed`, `InvalidConfiguration`',
  },
  {
    name: 'FOREIGN_SECRET_RETRY_MS',
    ms: FOREIGN_SECRET_RETRY_MS,
    what: 'Interval at which a Secret of the same name that belongs to something else is checked',
    visibleAs: 'how soon a channel recovers once it is deleted or renamed',
  },
  {
    name: 'PLATFORM_RETRY_MS',
    ms: PLATFORM_RETRY_MS,
    what: 'Interval between calls to a platform after an error that may pass',
    visibleAs: '`PlatformUnavailable`, `PlatformThrottled`',
  },
  {
    name: 'PLATFORM_CLOSED_RETRY_MS',
    ms: PLATFORM_CLOSED_RETRY_MS,
    what: 'Interval at which a platform is tried that cannot be used when a stream must be deleted',
    visibleAs: 'how long a deleted channel stays after its platform is back',
  },
  {
    name: 'STREAM_REQUEUE_MS',
    ms: STREAM_REQUEUE_MS,
    what: 'Interval at which a platform is asked again whether a stream exists or is deleted',
    visibleAs: 'length of a deletion, and of a creation after a crash',
  },
  {
    name: 'CONCURRENCY_REQUEUE_MS',
    ms: CONCURRENCY_REQUEUE_MS,
    what: "Longest time that a channel waits for another channel's call to the same platform",
    visibleAs: 'none in practice',
  },
];
