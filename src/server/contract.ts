import { z } from 'zod';
import { liveChannelSpecSchema, type LiveChannelSpec } from '../api/live-channel.ts';
import { accessSchema, healthSchema, latencySchema } from '../api/values.ts';
import { alertKindNames } from '../api/alerts.ts';

// Shared with the webhooks of the operator, which does not import the service.
export { alertViewSchema } from '../api/alerts.ts';
export { channelViewSchema, relayViewSchema, type ChannelView, type RelayView } from '../api/channel-view.ts';
export { serverEventSchema, type ServerEvent } from '../api/server-events.ts';

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

/** A setting of the service, and the field of LiveChannel's spec to which it corresponds. */
interface ExposedSetting<Schema extends z.ZodType, Value extends z.infer<Schema>> {
  /** Of the setting, not required and without its default: a change sets only what it names. */
  readonly schema: Schema;
  /** Members of spec that lead to the field. */
  readonly path: readonly [string, ...string[]];
  /** The setting in a spec; undefined if the spec does not set it. */
  readonly read: (spec: LiveChannelSpec) => Value;
  /** The field's value for a setting. Default: the setting itself. */
  readonly write?: (setting: NonNullable<z.infer<Schema>>) => unknown;
}

function setting<Schema extends z.ZodType, Value extends z.infer<Schema>>(
  each: ExposedSetting<Schema, Value>,
): ExposedSetting<Schema, Value> {
  return each;
}

/**
 * What an app may set of a channel. Requests are validated, drafts and changes are written, and views are read through
 * this table. All other fields are set with kubectl or GitOps; docs/build/rest-and-trpc.md lists both.
 */
export const exposedSettings = {
  streamMode: setting({
    schema: spec.streamMode
      .unwrap()
      .optional()
      .describe("Where viewers watch. Default: the chart's `api.defaults.streamMode`."),
    path: ['streamMode'],
    read: ({ streamMode }) => streamMode,
  }),
  agoraChannelName: setting({
    // Kubernetes checks the alphabet of names.
    schema: z
      .string()
      .min(1)
      .max(64)
      .optional()
      .describe('Name of the Agora channel. Default: the channel id.'),
    path: ['agora', 'channelName'],
    read: ({ agora }) => agora.channelName,
  }),
  hostUid: setting({
    schema: spec.agora.shape.hostUid.unwrap().optional(),
    path: ['agora', 'hostUid'],
    read: ({ agora }) => agora.hostUid,
  }),
  platform: setting({
    schema: z
      .string()
      .min(1)
      .max(253)
      .optional()
      .describe('Name of a StreamingPlatform. Default: the default platform.'),
    path: ['platformRef', 'name'],
    read: ({ platformRef }) => platformRef?.name,
  }),
  fallbackPlatform: setting({
    schema: z
      .string()
      .min(1)
      .max(253)
      .optional()
      .describe('Name of the StreamingPlatform to use while the other is unavailable.'),
    path: ['fallbackPlatformRef', 'name'],
    read: ({ fallbackPlatformRef }) => fallbackPlatformRef?.name,
  }),
  playback: setting({
    schema: z
      .strictObject({
        latency: playback.latency.unwrap().optional(),
        access: playback.access.unwrap().optional(),
        recording: playback.recording.unwrap().optional(),
      })
      .optional(),
    path: ['playback'],
    read: ({ playback }) => playback,
  }),
  maxResolution: setting({
    schema: spec.relay.unwrap().shape.maxResolution.unwrap().optional(),
    path: ['relay', 'maxResolution'],
    read: ({ relay }) => relay.maxResolution,
  }),
  standby: setting({
    schema: z.boolean().optional().describe('true: run a second relay as a hot standby.'),
    path: ['relay', 'replicas'],
    read: ({ relay }) => relay.replicas > 1,
    write: (standby) => (standby ? 2 : 1),
  }),
  budget: setting({
    schema: z
      .strictObject({
        usd: budget.usd,
        per: budget.per,
        actionAt80Percent: budget.actionAt80Percent.unwrap().optional(),
        actionAt100Percent: budget.actionAt100Percent.unwrap().optional(),
      })
      .nullable()
      .optional()
      .describe('Limit of the cost; null removes it. A change replaces it as a whole.'),
    path: ['budget'],
    read: ({ budget }) => budget,
  }),
} as const;

type SettingName = keyof typeof exposedSettings;
type SettingSchemas = { readonly [Name in SettingName]: (typeof exposedSettings)[Name]['schema'] };

/** Unknown members are rejected. */
export const channelSettingsSchema = z.strictObject(
  // Object.fromEntries loses the types of the members.
  Object.fromEntries(
    Object.entries(exposedSettings).map(([name, { schema }]) => [name, schema]),
  ) as SettingSchemas,
);
export type ChannelSettings = z.infer<typeof channelSettingsSchema>;

export const createChannelSchema = channelSettingsSchema.extend({
  id: channelIdSchema,
  onAir: z
    .boolean()
    .default(false)
    .describe('true: start the relay at once. false: create everything but the relay.'),
});
export type CreateChannel = z.infer<typeof createChannelSchema>;

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

/** Members of a query for alerts, for REST and tRPC. */
export const alertFilters = {
  platform: z.string().min(1).max(253).optional().describe('About this platform, or its channels.'),
  kind: z.enum(alertKindNames).optional().describe('Of this kind (docs/reference/alerts.md).'),
} as const;

/** Cursor of a page of alerts: the id of the last alert of the previous page. */
export const alertCursorSchema = z
  .string()
  .regex(/^\d{1,15}$/, 'expected `next` of the previous page')
  .describe('`next` of the previous page.');

export const audienceReportSchema = z.strictObject({
  agoraViewers: z.int().min(0).max(10_000_000).describe('Viewers who watch on Agora now, without the relay.'),
});
