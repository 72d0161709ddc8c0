import { z } from 'zod';

/**
 * Every enumeration of the API, defined once: the resources, REST, tRPC, annotations, the relay's contract, the
 * database and metrics import their values from here. It also runs in a browser, so it imports nothing from Node.
 */

/** Where the viewers of a channel watch in that mode: only on Agora, on Agora and HLS, or only on HLS. */
export const effectiveStreamModes = ['agora-only', 'hybrid', 'hls-only'] as const;
export const effectiveStreamModeSchema = z.enum(effectiveStreamModes);
export type EffectiveStreamMode = z.infer<typeof effectiveStreamModeSchema>;

/** Values of spec.streamMode. `auto` chooses between agora-only and hybrid by cost. */
export const streamModes = [...effectiveStreamModes, 'auto'] as const;
export const streamModeSchema = z.enum(streamModes);
export type StreamMode = z.infer<typeof streamModeSchema>;

/** The modes between which `auto` chooses. */
export const autoStreamModes = ['agora-only', 'hybrid'] as const;
export const autoStreamModeSchema = z.enum(autoStreamModes);
export type AutoStreamMode = z.infer<typeof autoStreamModeSchema>;

/** Where viewers are sent when no relay works. */
export const fallbackModes = ['none', 'agora-only'] as const;
export const fallbackModeSchema = z.enum(fallbackModes);

export const relayStatuses = ['starting', 'active', 'stopped', 'error'] as const;
export const relayStatusSchema = z.enum(relayStatuses);
export type RelayStatus = z.infer<typeof relayStatusSchema>;

/** From best to worst. */
export const healths = ['good', 'fair', 'poor'] as const;
export const healthSchema = z.enum(healths);
export type Health = z.infer<typeof healthSchema>;

export const latencies = ['standard', 'low'] as const;
export const latencySchema = z.enum(latencies);
export type Latency = z.infer<typeof latencySchema>;

export const accesses = ['public', 'signed'] as const;
export const accessSchema = z.enum(accesses);
export type Access = z.infer<typeof accessSchema>;

export const recordings = ['off', 'automatic'] as const;
export const recordingSchema = z.enum(recordings);
export type Recording = z.infer<typeof recordingSchema>;

/** What starts a relay: that it is requested, or that the host joins the Agora channel. */
export const relayTriggers = ['request', 'host'] as const;
export const relayTriggerSchema = z.enum(relayTriggers);

/** How video reaches the ingest: as the host encoded it, or encoded again. */
export const mediaModes = ['passthrough', 'transcode'] as const;
export const mediaModeSchema = z.enum(mediaModes);
export type MediaMode = z.infer<typeof mediaModeSchema>;

/** Values of spec.relay.mode. `auto` transcodes only where passthrough is impossible. */
export const relayModes = ['auto', ...mediaModes] as const;
export const relayModeSchema = z.enum(relayModes);
export type RelayMode = z.infer<typeof relayModeSchema>;

/** In ascending order: lines of video, and the steps of the providers' prices. */
export const resolutions = ['480p', '720p', '1080p'] as const;
export const resolutionSchema = z.enum(resolutions);
export type Resolution = z.infer<typeof resolutionSchema>;

export const budgetPeriods = ['hour', 'show', 'month'] as const;
export const budgetPeriodSchema = z.enum(budgetPeriods);
export type BudgetPeriod = z.infer<typeof budgetPeriodSchema>;

/** Actions of spec.budget, from the mildest to the strictest. */
export const budgetActions = ['alert', 'lower-cap', 'switch-platform', 'agora-only', 'stop'] as const;
export const budgetActionSchema = z.enum(budgetActions);

/** Actions of a budget that may be in force, from the mildest to the strictest. */
export const currentBudgetActions = ['none', ...budgetActions] as const;
export const currentBudgetActionSchema = z.enum(currentBudgetActions);
export type BudgetAction = z.infer<typeof currentBudgetActionSchema>;

export const conditionStatuses = ['True', 'False', 'Unknown'] as const;
export const conditionStatusSchema = z.enum(conditionStatuses);
export type ConditionStatus = z.infer<typeof conditionStatusSchema>;
