/**
 * Every enumeration of the API, defined once: the resources, REST, tRPC, annotations, the relay's contract, the database,
 * metrics and the pages take their values from here. Without schemas (values.ts), so that a page need not load their library.
 */

/** Where the viewers of a channel watch in that mode: only on Agora, on Agora and HLS, or only on HLS. */
export const effectiveStreamModes = ['agora-only', 'hybrid', 'hls-only'] as const;

/** Values of spec.streamMode. `auto` chooses between agora-only and hybrid by cost. */
export const streamModes = [...effectiveStreamModes, 'auto'] as const;

/** The modes between which `auto` chooses. */
export const autoStreamModes = ['agora-only', 'hybrid'] as const;

/** Where viewers are sent when no relay works. */
export const fallbackModes = ['none', 'agora-only'] as const;

export const relayStatuses = ['starting', 'active', 'stopped', 'error'] as const;

/** From best to worst. */
export const healths = ['good', 'fair', 'poor'] as const;

export const latencies = ['standard', 'low'] as const;

export const accesses = ['public', 'signed'] as const;

export const recordings = ['off', 'automatic'] as const;

/** What starts a relay: that it is requested, or that the host joins the Agora channel. */
export const relayTriggers = ['request', 'host'] as const;

/** How video reaches the ingest: as the host encoded it, or encoded again. */
export const mediaModes = ['passthrough', 'transcode'] as const;

/** Values of spec.relay.mode. `auto` transcodes only where passthrough is impossible. */
export const relayModes = ['auto', ...mediaModes] as const;

/** What viewers see: the host, its last frame (or the slate) instead, or nothing because there is no session. */
export const videoOutputs = ['live', 'held', 'none'] as const;

/** What the relay sends to an ingest that accepts less than the host sends; `full`: everything. */
export const congestionSteps = ['full', 'small-stream', 'transcode', 'frame-drop'] as const;

/** In ascending order: lines of video, and the steps of the providers' prices. */
export const resolutions = ['480p', '720p', '1080p'] as const;

export const budgetPeriods = ['hour', 'show', 'month'] as const;

/** Actions of spec.budget, from the mildest to the strictest. */
export const budgetActions = ['alert', 'lower-cap', 'switch-platform', 'agora-only', 'stop'] as const;

/** Actions of a budget that may be in force, from the mildest to the strictest. */
export const currentBudgetActions = ['none', ...budgetActions] as const;

/** How much of a budget has been spent. nearly: 80%; spent: 100%. */
export const budgetLevels = ['ok', 'nearly', 'spent', 'unknown'] as const;

/** What is kept of the past of a channel, beside its samples and alerts. */
export const momentKinds = ['mode', 'restart'] as const;

export const conditionStatuses = ['True', 'False', 'Unknown'] as const;
