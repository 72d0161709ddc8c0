import { z } from 'zod';
import { liveChannelSpecSchema } from '../api/live-channel.ts';
import {
  accessSchema,
  conditionStatusSchema,
  effectiveStreamModeSchema,
  healthSchema,
  latencySchema,
  mediaModeSchema,
  relayStatusSchema,
  streamModeSchema,
} from '../api/values.ts';

/**
 * Requests and responses of the service, for REST and tRPC alike. Runs in a browser, so nothing of Node is imported.
 */
export const channelIdSchema = z
  .union([z.int().min(0), z.string().min(1).max(512)], {
    error: 'expected a non-negative integer, or a string of 1 to 512 characters',
  })
  .transform(String)
  .describe("The app's id of the channel: an integer or a string of up to 512 bytes.");

const spec = liveChannelSpecSchema.shape;
const playback = spec.playback.unwrap().shape;
const budget = spec.budget.unwrap().shape;

/**
 * What an app may set of a channel: fields of the LiveChannel's spec, without their defaults, because a change sets only
 * what it names. All else is set with kubectl or GitOps. Unknown members are rejected. services/exposed-settings.ts maps
 * each setting to its field.
 */
export const channelSettingsSchema = z.strictObject({
  streamMode: spec.streamMode.unwrap().optional(),
  // Kubernetes checks the alphabet of names.
  agoraChannelName: z.string().min(1).max(64).optional().describe('Default: the channel id.'),
  hostUid: spec.agora.shape.hostUid.unwrap().optional(),
  platform: z.string().min(1).max(253).optional().describe('Name of a StreamingPlatform.'),
  fallbackPlatform: z.string().min(1).max(253).optional(),
  playback: z
    .strictObject({
      latency: playback.latency.unwrap().optional(),
      access: playback.access.unwrap().optional(),
      recording: playback.recording.unwrap().optional(),
    })
    .optional(),
  maxResolution: spec.relay.unwrap().shape.maxResolution.unwrap().optional(),
  standby: z.boolean().optional().describe('true: run a second relay as a hot standby.'),
  budget: z
    .strictObject({
      usd: budget.usd,
      per: budget.per,
      actionAt80Percent: budget.actionAt80Percent.unwrap().optional(),
      actionAt100Percent: budget.actionAt100Percent.unwrap().optional(),
    })
    .nullable()
    .optional(),
});
export type ChannelSettings = z.infer<typeof channelSettingsSchema>;

export const createChannelSchema = channelSettingsSchema.extend({
  id: channelIdSchema,
  onAir: z
    .boolean()
    .default(false)
    .describe('true: start the relay at once. false: create everything but the relay.'),
});
export type CreateChannel = z.infer<typeof createChannelSchema>;

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

export const playbackViewSchema = z.object({
  hlsUrl: z.url(),
  latency: latencySchema,
  access: accessSchema,
  /** Expiry of a signed URL; null for a public one. */
  expiresAt: z.iso.datetime().nullable(),
  onAir: z.boolean(),
});
export type PlaybackView = z.infer<typeof playbackViewSchema>;

export const agoraTokenRequestSchema = z.strictObject({
  role: z
    .enum(['host', 'viewer'])
    .describe('viewer: watches on Agora; rejected while the mode is hls-only. host: publishes.'),
  uid: z.int().min(1).max(4294967295),
  ttlSeconds: z.int().min(60).max(86_400).default(3_600),
});
export const agoraTokenViewSchema = z.object({
  appId: z.string(),
  channelName: z.string(),
  uid: z.int(),
  token: z.string(),
  expiresAt: z.iso.datetime(),
});

export const metricsQuerySchema = z.object({
  from: z.iso.datetime({ offset: true }),
  to: z.iso.datetime({ offset: true }),
  step: z.coerce.number().int().min(10).max(86_400).default(60).describe('Seconds.'),
});
export const metricPointSchema = z.object({
  at: z.iso.datetime(),
  agoraViewers: z.number().nullable(),
  hlsViewers: z.number().nullable(),
  hlsViewersMost: z.number().nullable(),
  bitrateKbps: z.number().nullable(),
  health: healthSchema.nullable(),
  samples: z.int(),
  gaps: z.int(),
});

export const platformViewSchema = z.object({
  name: z.string(),
  provider: z.string(),
  isDefault: z.boolean(),
  ready: z.boolean(),
  reason: z.string(),
  message: z.string(),
  channels: z.int(),
});

export const costsQuerySchema = z.object({
  from: z.iso.datetime({ offset: true }).describe('Rounded down to the hour: the ledger is hourly.'),
  to: z.iso.datetime({ offset: true }),
  channelId: channelIdSchema.optional(),
});
/** US dollars as a decimal string, exact to a millionth. */
const usdSchema = z.string().regex(/^-?\d+\.\d{6}$/);
/** A cost is a lower bound while `complete` is false: unknown time is not counted. */
const completenessShape = {
  usd: usdSchema,
  estimated: z.boolean().describe('true: computed from samples. false: reported by the provider.'),
  complete: z.boolean().describe('false: for some of the time there are no samples; see missingSeconds.'),
  missingSeconds: z.int().min(0),
};
const costFiguresSchema = z.object({
  ...completenessShape,
  perOnAirHourUsd: usdSchema.nullable(),
  perViewerHourUsd: usdSchema.nullable(),
  /** Cost of 30 days, extrapolated from the elapsed part of the period. */
  monthForecastUsd: usdSchema.nullable(),
  /** What the same audience would have cost on Agora only. */
  onAgoraAloneUsd: usdSchema.nullable(),
  onPlatformsUsd: z.record(z.string(), usdSchema),
  breakEvenViewers: z.int().nullable(),
});
export const costsViewSchema = costFiguresSchema.extend({
  from: z.iso.datetime(),
  to: z.iso.datetime(),
  channels: z.array(costFiguresSchema.extend({ channelId: z.string() })),
  lines: z.array(
    z.object({
      channelId: z.string(),
      platform: z.string(),
      line: z.string(),
      ...completenessShape,
      quantity: z.number().describe('Viewer-seconds (delivery, agora-viewers) or seconds on air.'),
    }),
  ),
});

export const alertViewSchema = z.object({
  id: z.string(),
  channelId: z.string(),
  raisedAt: z.iso.datetime(),
  resolvedAt: z.iso.datetime().nullable(),
  kind: z.string(),
  severity: z.enum(['info', 'warning', 'critical']),
  message: z.string(),
});

/** Cursor of a page of alerts: the id of the last alert of the previous page. */
export const alertCursorSchema = z
  .string()
  .regex(/^\d{1,15}$/, 'expected `next` of the previous page')
  .describe('`next` of the previous page.');

export const audienceReportSchema = z.strictObject({
  agoraViewers: z.int().min(0).max(10_000_000).describe('Viewers who watch on Agora now, without the relay.'),
});

/** An event for subscribers; `id` resumes after it. */
export const serverEventSchema = z.discriminatedUnion('type', [
  /** The whole channel: at the beginning, and if the events since the given id are no longer known. */
  z.object({ type: z.literal('snapshot'), id: z.string(), channel: channelViewSchema }),
  /** The channel changed. */
  z.object({ type: z.literal('status'), id: z.string(), channel: channelViewSchema }),
  /**
   * Viewers should switch to `mode`, which becomes the channel's effective mode after `at`; both work until then.
   */
  z.object({
    type: z.literal('mode'),
    id: z.string(),
    channelId: z.string(),
    mode: effectiveStreamModeSchema,
    at: z.iso.datetime(),
    message: z.string(),
  }),
  z.object({ type: z.literal('ended'), id: z.string(), channelId: z.string() }),
]);
export type ServerEvent = z.infer<typeof serverEventSchema>;
