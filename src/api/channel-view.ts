import { z } from 'zod';
import {
  accessSchema,
  conditionStatusSchema,
  effectiveStreamModeSchema,
  healthSchema,
  latencySchema,
  mediaModeSchema,
  relayStatusSchema,
  streamModeSchema,
} from './values.ts';

/**
 * A channel as apps see it: in REST, tRPC, events and webhooks. Runs in a browser, so nothing of Node is imported.
 */
const conditionViewSchema = z.object({
  type: z.string(),
  status: conditionStatusSchema,
  reason: z.string(),
  message: z.string(),
  since: z.iso.datetime(),
});

export const relayViewSchema = z
  .object({
    status: relayStatusSchema,
    /** false while the channel is suspended. */
    wanted: z.boolean(),
    startedAt: z.iso.datetime().nullable(),
    mode: mediaModeSchema.nullable(),
    health: healthSchema.nullable(),
    restarts: z.int(),
    lastRestartReason: z.string().nullable(),
    idleSince: z.iso.datetime().nullable(),
    /** From the newest sample; null: unknown. */
    viewerCount: z.int().min(0).nullable(),
    bitrateKbps: z.int().min(0).nullable(),
  })
  .meta({ id: 'Relay' });
export type RelayView = z.infer<typeof relayViewSchema>;

export const channelViewSchema = z
  .object({
    id: z.string(),
    /** Namespace and name of the resource. */
    namespace: z.string(),
    name: z.string(),
    createdAt: z.iso.datetime(),
    streamMode: streamModeSchema,
    effectiveStreamMode: effectiveStreamModeSchema.nullable(),
    /** Why auto or a budget chose that mode, as human-readable text. */
    modeReason: z.string().nullable(),
    platform: z.string().nullable(),
    playbackUrl: z.url().nullable(),
    latency: latencySchema,
    access: accessSchema,
    relay: relayViewSchema,
    conditions: z.array(conditionViewSchema),
    deleting: z.boolean(),
  })
  .meta({ id: 'Channel' });
export type ChannelView = z.infer<typeof channelViewSchema>;
