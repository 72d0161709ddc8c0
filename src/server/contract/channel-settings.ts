import { z } from 'zod';
import {
  agoraChannelNameSchema,
  liveChannelSpecSchema,
  type LiveChannelSpec,
} from '../../api/live-channel.ts';
import { objectNameSchema } from '../../api/metadata.ts';
import { channelIdSchema } from './channel-id.ts';
import { labelChangeSchema, labelsSchema } from './labels.ts';

const spec = liveChannelSpecSchema.shape;

const playback = spec.playback.unwrap().shape;
const relay = spec.relay.unwrap().shape;
const idle = relay.idle.unwrap().shape;
const slate = relay.slate.unwrap().shape.configMapRef.shape;
const fallback = spec.fallback.unwrap().shape;
const budget = spec.budget.unwrap().shape;

/** The field as a setting: not required, and without its default. */
function settable<S extends z.ZodType>(field: z.ZodDefault<S>): z.ZodOptional<S> {
  return field
    .unwrap()
    .optional()
    .describe(field.description ?? '');
}

/** A setting of the service, and the field of LiveChannel's spec to which it corresponds. */
interface ExposedSetting<Schema extends z.ZodType, Value extends z.infer<Schema>> {
  /** Of the setting, not required and without its default: a change sets only what it names. */
  readonly schema: Schema;
  /** Members of spec that lead to the field. */
  readonly path: readonly [string, ...string[]];
  /** What null removes: the object that is useless without the field. Default: the field. */
  readonly removes?: readonly [string, ...string[]];
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
    schema: settable(spec.streamMode),
    path: ['streamMode'],
    read: ({ streamMode }) => streamMode,
  }),
  agoraChannelName: setting({
    schema: agoraChannelNameSchema
      .optional()
      .describe(
        "Name of the Agora channel. Default: the chart's `api.defaults.agoraChannelName`, or the channel id.",
      ),
    path: ['agora', 'channelName'],
    read: ({ agora }) => agora.channelName,
  }),
  hostUid: setting({
    schema: spec.agora.shape.hostUid
      .unwrap()
      .nullable()
      .optional()
      .describe('Uid of the publisher to relay. null, and the default: the first that publishes video.'),
    path: ['agora', 'hostUid'],
    read: ({ agora }) => agora.hostUid,
  }),
  platform: setting({
    schema: objectNameSchema
      .nullable()
      .optional()
      .describe('Name of a StreamingPlatform. null: the one that is marked as the default.'),
    path: ['platformRef', 'name'],
    removes: ['platformRef'],
    read: ({ platformRef }) => platformRef?.name,
  }),
  fallbackPlatform: setting({
    schema: objectNameSchema
      .nullable()
      .optional()
      .describe('Name of the StreamingPlatform to use while the preferred one is unavailable. null: none.'),
    path: ['fallbackPlatformRef', 'name'],
    removes: ['fallbackPlatformRef'],
    read: ({ fallbackPlatformRef }) => fallbackPlatformRef?.name,
  }),
  fallback: setting({
    schema: z
      .strictObject({
        mode: settable(fallback.mode),
        afterSeconds: settable(fallback.afterSeconds),
      })
      .optional(),
    path: ['fallback'],
    read: ({ fallback }) => fallback,
  }),
  playback: setting({
    schema: z
      .strictObject({
        latency: settable(playback.latency),
        access: settable(playback.access),
        recording: settable(playback.recording),
      })
      .optional(),
    path: ['playback'],
    read: ({ playback }) => playback,
  }),
  startOn: setting({
    schema: settable(relay.startOn),
    path: ['relay', 'startOn'],
    read: ({ relay }) => relay.startOn,
  }),
  relayMode: setting({
    schema: settable(relay.mode),
    path: ['relay', 'mode'],
    read: ({ relay }) => relay.mode,
  }),
  maxResolution: setting({
    schema: settable(relay.maxResolution),
    path: ['relay', 'maxResolution'],
    read: ({ relay }) => relay.maxResolution,
  }),
  maxVideoBitrateKbps: setting({
    schema: relay.maxVideoBitrateKbps
      .unwrap()
      .nullable()
      .optional()
      .describe("Highest video bitrate to send, in kbit/s. null, and the default: the platform's limit."),
    path: ['relay', 'maxVideoBitrateKbps'],
    read: ({ relay }) => relay.maxVideoBitrateKbps,
  }),
  keyframeIntervalSeconds: setting({
    schema: settable(relay.keyframeIntervalSeconds),
    path: ['relay', 'keyframeIntervalSeconds'],
    read: ({ relay }) => relay.keyframeIntervalSeconds,
  }),
  standby: setting({
    schema: z.boolean().optional().describe('true: run a second relay as a hot standby.'),
    path: ['relay', 'replicas'],
    read: ({ relay }) => relay.replicas > 1,
    write: (standby) => (standby ? 2 : 1),
  }),
  idle: setting({
    schema: z
      .strictObject({
        noHostSeconds: settable(idle.noHostSeconds),
        noViewersSeconds: settable(idle.noViewersSeconds),
        holdLastFrameSeconds: settable(idle.holdLastFrameSeconds),
        hostProbeIntervalSeconds: settable(idle.hostProbeIntervalSeconds),
      })
      .optional(),
    path: ['relay', 'idle'],
    read: ({ relay }) => relay.idle,
  }),
  slate: setting({
    schema: z
      .strictObject({
        configMapRef: z
          .strictObject({ name: slate.name, key: settable(slate.key) })
          .describe(relay.slate.unwrap().shape.configMapRef.description ?? ''),
      })
      .nullable()
      .optional()
      .describe(
        'Image to show while the host sends no video. null, and the default: the last frame of the host.',
      ),
    path: ['relay', 'slate'],
    read: ({ relay }) => relay.slate,
  }),
  budget: setting({
    schema: z
      .strictObject({
        usd: budget.usd,
        per: budget.per,
        actionAt80Percent: settable(budget.actionAt80Percent),
        actionAt100Percent: settable(budget.actionAt100Percent),
      })
      .nullable()
      .optional()
      .describe('Limit of the cost; null removes it. A change replaces it as a whole.'),
    path: ['budget'],
    read: ({ budget }) => budget,
  }),
  priority: setting({
    schema: settable(spec.priority),
    path: ['priority'],
    read: ({ priority }) => priority,
  }),
  deletionPolicy: setting({
    schema: settable(spec.deletionPolicy),
    path: ['deletionPolicy'],
    read: ({ deletionPolicy }) => deletionPolicy,
  }),
} as const;

type SettingName = keyof typeof exposedSettings;

type SettingSchemas = { readonly [Name in SettingName]: (typeof exposedSettings)[Name]['schema'] };

/** Settings of a channel; unknown members are rejected. */
export const channelSettingsSchema = z.strictObject(
  // Object.fromEntries loses the types of the members.
  Object.fromEntries(
    Object.entries(exposedSettings).map(([name, { schema }]) => [name, schema]),
  ) as SettingSchemas,
);

export type ChannelSettings = z.infer<typeof channelSettingsSchema>;

/** A change of a channel. */
export const channelChangeSchema = channelSettingsSchema.extend({
  labels: labelChangeSchema
    .optional()
    .describe('Labels to set; null removes one. Labels that are not named are kept.'),
});

export type ChannelChange = z.infer<typeof channelChangeSchema>;

export const createChannelSchema = channelSettingsSchema.extend({
  id: channelIdSchema,
  labels: labelsSchema
    .optional()
    .describe(
      'Labels of the channel, such as {"tier": "beta"}: api.defaultsByLabel has defaults for them, and the mode of many channels is changed by them.',
    ),
  onAir: z
    .boolean()
    .default(true)
    .describe('true: start the relay at once. false: create everything but the relay.'),
});

export type CreateChannel = z.infer<typeof createChannelSchema>;
