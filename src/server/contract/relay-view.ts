import { z } from 'zod';
import { healthSchema, mediaModeSchema, relayStatusSchema } from '../../api/values.ts';

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
    wanted: z.boolean().describe('false while the channel is suspended.'),
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

/** The relay of a channel that may not exist: an app may ask before it has started anything. */
export const relayStateSchema = relayViewSchema
  .extend({
    channelExists: z
      .boolean()
      .describe('false: there is no such channel. It was never created, or it has ended.'),
  })
  .meta({ id: 'RelayState' });

export type RelayState = z.infer<typeof relayStateSchema>;
