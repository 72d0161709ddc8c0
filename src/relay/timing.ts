import type { Timing } from '../base/timing.ts';

/**
 * Durations with which the relay reacts to an ingest that accepts less than the host sends. docs/reference/timings.md
 * is generated from the table at the end; a test checks that each constant is in the table.
 */

/** Shorter stalls pass by themselves: the relay drops a GOP and catches up, which a change of quality would not beat. */
export const CONGESTED_AFTER_MS = 4_000;
/** A path that loses two GOPs within this time does not carry the bitrate, even if it catches up in between. */
export const GOP_DROPS_WINDOW_MS = 30_000;
/** After a step, the backlog of the step before still drains, and an encoder starts: its lag proves nothing. */
export const STEP_SETTLE_MS = 6_000;
/** Agora switches streams at a keyframe, which takes one to two seconds. No smaller video by then: the host has none. */
export const SMALL_STREAM_LIMIT_MS = 4_000;
/** The quiet time before a step up: shorter ones would show viewers the same disturbance again and again. */
export const STEP_UP_AFTER_MS = 60_000;
/** The quiet time doubles with each step up that fails, up to this: a failed attempt then costs 1% of the time. */
export const STEP_UP_MAX_MS = 960_000;
/** A step down within this time after a step up means that the step up failed. */
export const STEP_UP_TRIAL_MS = 300_000;
/** How long nothing is transcoded for lack of CPU after an encoder could not keep up: it would fail again at once. */
export const ENCODER_RETRY_MS = 600_000;
/** An encoder this far behind its input does not catch up. */
export const ENCODER_BEHIND_MS = 5_000;
/** Without a session for this time, nothing is known about the path any more. */
export const PATH_FORGOTTEN_MS = 60_000;

export const relayTimings: readonly Timing[] = [
  {
    name: 'CONGESTED_AFTER_MS',
    ms: CONGESTED_AFTER_MS,
    what: 'Time that the ingest lags before the relay steps down',
    visibleAs: 'condition RelayReady with reason IngestCongested',
  },
  {
    name: 'GOP_DROPS_WINDOW_MS',
    ms: GOP_DROPS_WINDOW_MS,
    what: 'Time within which two dropped GOPs make the relay step down',
    visibleAs: 'condition RelayReady with reason IngestCongested',
  },
  {
    name: 'STEP_SETTLE_MS',
    ms: STEP_SETTLE_MS,
    what: 'Time after a step during which the relay takes no other because of lag',
    visibleAs: 'condition RelayReady with reason IngestCongested: interval between its messages',
  },
  {
    name: 'SMALL_STREAM_LIMIT_MS',
    ms: SMALL_STREAM_LIMIT_MS,
    what: "Time to wait for the host's small stream before the relay transcodes instead",
    visibleAs: 'how long video stands still at the first step down from a host without a small stream',
  },
  {
    name: 'STEP_UP_AFTER_MS',
    ms: STEP_UP_AFTER_MS,
    what: 'Quiet time before the relay returns to full quality; `LIVECHANNEL_CONGESTION_QUIET_SECONDS` sets another',
    visibleAs: 'condition RelayReady with reason Live again',
  },
  {
    name: 'STEP_UP_MAX_MS',
    ms: STEP_UP_MAX_MS,
    what: 'Longest quiet time: it doubles each time that the return to full quality fails',
    visibleAs: 'condition RelayReady with reason Live again',
  },
  {
    name: 'STEP_UP_TRIAL_MS',
    ms: STEP_UP_TRIAL_MS,
    what: 'Time after a return to full quality during which a step down counts as its failure',
    visibleAs: 'the quiet time before the next return',
  },
  {
    name: 'ENCODER_RETRY_MS',
    ms: ENCODER_RETRY_MS,
    what: 'Time without a transcode after an encoder failed or was too slow',
    visibleAs: 'condition RelayReady with reason IngestCongested: the relay drops frames',
  },
  {
    name: 'ENCODER_BEHIND_MS',
    ms: ENCODER_BEHIND_MS,
    what: 'Delay of an encoder at which it counts as too slow',
    visibleAs: 'condition RelayReady with reason IngestCongested: the relay drops frames',
  },
  {
    name: 'PATH_FORGOTTEN_MS',
    ms: PATH_FORGOTTEN_MS,
    what: 'Time without an RTMP session after which the next one begins at full quality',
    visibleAs: 'bitrate after the host or the ingest returns',
  },
];
