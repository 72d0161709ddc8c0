import { z } from 'zod';
import { congestionSteps, healthSchema, mediaModeSchema, videoOutputs } from './values.ts';

/**
 * What is measured of channels now, at least every 2 s. null: unknown; a number that is too old is unknown, never 0. Runs in a
 * browser, so nothing of Node is imported.
 */

/** Whatever was not measured for this time is unknown. */
export const LIVE_NUMBERS_VALID_MS = 10_000;

const known = z.number().nullable();
const viewers = z.int().min(0).nullable();

/** What the relay of a channel reported of the host's media and of the ingest. */
export const mediaNumbersSchema = z
  .object({
    at: z.iso.datetime().describe('When the relay reported.'),
    picture: z
      .enum(videoOutputs)
      .describe('What viewers see: the host, its last frame or the slate instead, or nothing.'),
    host: z
      .object({ video: z.boolean(), audio: z.boolean() })
      .nullable()
      .describe('What the host publishes; null: there is no host.'),
    mode: mediaModeSchema,
    inBitrateKbps: z.number(),
    outBitrateKbps: z.number(),
    frameRate: z.number(),
    width: known,
    height: known,
    keyframeIntervalSeconds: known,
    avOffsetMs: known.describe(
      'By which sound is ahead of the video, as the relay reports it; negative: behind.',
    ),
    lagMs: known.describe('How far the platform is behind in accepting media.'),
    packetLossPercent: known.describe('Loss between Agora and the relay.'),
    jitterMs: known,
    congestion: z.enum(congestionSteps),
    congestionMessage: z.string().describe('What the platform accepts, and what the relay does about it.'),
    restarts: z.int().min(0).describe('Of the relay since the channel was created.'),
  })
  .meta({ id: 'MediaNumbers' });
export type MediaNumbers = z.infer<typeof mediaNumbersSchema>;

/** What the recorder writes of a relay's report, and the service reads. */
export const relayNumbersSchema = mediaNumbersSchema.extend({ health: healthSchema });
export type RelayNumbers = z.infer<typeof relayNumbersSchema>;

export const channelNumbersSchema = z
  .object({
    channelId: z.string(),
    at: z.iso.datetime(),
    agoraViewers: viewers.describe('As the app reported it.'),
    hlsViewers: viewers.describe('As the platform reports it.'),
    bitrateKbps: known,
    health: healthSchema.nullable().describe('As the relay reported it.'),
    media: mediaNumbersSchema
      .nullable()
      .optional()
      .describe('Only in the events of one channel; null: the relay has not reported for some time.'),
  })
  .meta({ id: 'ChannelNumbers' });
export type ChannelNumbers = z.infer<typeof channelNumbersSchema>;
