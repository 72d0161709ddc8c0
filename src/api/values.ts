import { z } from 'zod';
import {
  effectiveStreamModes,
  streamModes,
  autoStreamModes,
  fallbackModes,
  relayStatuses,
  healths,
  latencies,
  accesses,
  recordings,
  relayTriggers,
  mediaModes,
  relayModes,
  resolutions,
  type videoOutputs,
  budgetPeriods,
  budgetActions,
  currentBudgetActions,
  budgetLevels,
  type momentKinds,
  conditionStatuses,
} from './value-lists.ts';

/** Schemas and types of the lists of values. Runs in a browser, so nothing of Node is imported. */
export * from './value-lists.ts';

export const effectiveStreamModeSchema = z.enum(effectiveStreamModes);
export type EffectiveStreamMode = (typeof effectiveStreamModes)[number];

export const streamModeSchema = z.enum(streamModes);
export type StreamMode = z.infer<typeof streamModeSchema>;

export const autoStreamModeSchema = z.enum(autoStreamModes);
export type AutoStreamMode = z.infer<typeof autoStreamModeSchema>;

export const fallbackModeSchema = z.enum(fallbackModes);

export const relayStatusSchema = z.enum(relayStatuses);
export type RelayStatus = z.infer<typeof relayStatusSchema>;

export const healthSchema = z.enum(healths);
export type Health = (typeof healths)[number];

export const latencySchema = z.enum(latencies);
export type Latency = z.infer<typeof latencySchema>;

export const accessSchema = z.enum(accesses);
export type Access = z.infer<typeof accessSchema>;

export const recordingSchema = z.enum(recordings);
export type Recording = z.infer<typeof recordingSchema>;

export const relayTriggerSchema = z.enum(relayTriggers);

export const mediaModeSchema = z.enum(mediaModes);
export type MediaMode = z.infer<typeof mediaModeSchema>;

export const relayModeSchema = z.enum(relayModes);
export type RelayMode = z.infer<typeof relayModeSchema>;

export const resolutionSchema = z.enum(resolutions);
export type Resolution = z.infer<typeof resolutionSchema>;

/** Bounds of the highest video bitrate to send, in kbit/s. */
export const videoBitrateCapKbps = { min: 100, max: 50_000 } as const;
export const videoBitrateCapSchema = z.int().min(videoBitrateCapKbps.min).max(videoBitrateCapKbps.max);

export const budgetPeriodSchema = z.enum(budgetPeriods);
export type BudgetPeriod = z.infer<typeof budgetPeriodSchema>;

export const budgetActionSchema = z.enum(budgetActions);

export const currentBudgetActionSchema = z.enum(currentBudgetActions);
export type BudgetAction = z.infer<typeof currentBudgetActionSchema>;

export const budgetLevelSchema = z.enum(budgetLevels);

export const conditionStatusSchema = z.enum(conditionStatuses);
export type ConditionStatus = z.infer<typeof conditionStatusSchema>;

export type MomentKind = (typeof momentKinds)[number];

export type VideoOutput = (typeof videoOutputs)[number];
