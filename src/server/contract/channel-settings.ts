import { z } from 'zod';
import { liveChannelSpecSchema, type LiveChannelSpec } from '../../api/live-channel.ts';
import { channelIdSchema } from './channel-id.ts';

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
  startOn: setting({
    schema: spec.relay.unwrap().shape.startOn.unwrap().optional(),
    path: ['relay', 'startOn'],
    read: ({ relay }) => relay.startOn,
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
