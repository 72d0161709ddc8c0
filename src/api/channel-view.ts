import { z } from 'zod';
import {
  accessSchema,
  conditionStatusSchema,
  effectiveStreamModeSchema,
  healthSchema,
  latencySchema,
  mediaModeSchema,
  relayStatusSchema,
  resolutionSchema,
  streamModeSchema,
  videoBitrateCapSchema,
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

const knownViewers = z.int().min(0).nullable();

/** The members isActive, viewerCount, bitrate and health are the app's contract: they always have a value. */
export const relayViewSchema = z
  .object({
    isActive: z.boolean().describe('Whether media arrives at the platform.'),
    viewerCount: z
      .int()
      .min(0)
      .describe('Viewers on HLS and on Agora, an unknown number as 0: see viewersKnown.'),
    bitrate: z
      .int()
      .min(0)
      .describe('kbit/s that the relay sends; 0 also while it is unknown: see bitrateKbps.'),
    health: healthSchema.describe(
      'How well the relay matches what is wanted. On air: as the relay reports, good until its first report. Off air as wanted, or idle: good. Starting: fair. In error: poor.',
    ),
    status: relayStatusSchema,
    wanted: z
      .boolean()
      .describe(
        'Whether the channel should be on air: false while it is suspended, on Agora only, or stopped by its budget.',
      ),
    startedAt: z.iso.datetime().nullable(),
    mode: mediaModeSchema.nullable(),
    reportedHealth: healthSchema.nullable().describe('Health in the last report of the relay; null: none.'),
    restarts: z.int(),
    lastRestartReason: z.string().nullable(),
    idleSince: z.iso.datetime().nullable(),
    viewersKnown: z
      .boolean()
      .describe('false: there are viewers whose number is unknown, and viewerCount is a lower bound.'),
    hlsViewers: knownViewers.describe('From the newest sample; null: the platform reports none.'),
    agoraViewers: knownViewers.describe('As the app reported it; null: it has not.'),
    bitrateKbps: z.int().min(0).nullable().describe('From the newest sample; null: unknown.'),
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
    labels: z
      .record(z.string(), z.string())
      .describe(
        'Labels of the app; those with a prefix, which belong to Kubernetes and its tools, are left out.',
      ),
    streamMode: streamModeSchema,
    effectiveStreamMode: effectiveStreamModeSchema.nullable(),
    /** Why auto or a budget chose that mode, as human-readable text. */
    modeReason: z.string().nullable(),
    platform: z.string().nullable(),
    playbackUrl: z.url().nullable(),
    latencyMode: latencySchema,
    access: accessSchema,
    maxResolution: resolutionSchema.describe(
      'Highest resolution to send, as it is set; a budget may lower it.',
    ),
    maxVideoBitrateKbps: videoBitrateCapSchema
      .nullable()
      .describe("Highest video bitrate to send, in kbit/s; null: the platform's limit."),
    standby: z.boolean().describe('Whether a second relay is to run as a hot standby.'),
    relay: relayViewSchema,
    conditions: z.array(conditionViewSchema),
    deleting: z.boolean(),
  })
  .meta({ id: 'Channel' });

export type ChannelView = z.infer<typeof channelViewSchema>;
