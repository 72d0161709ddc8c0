import { z } from 'zod';
import { channelSettingsSchema, type ChannelSettings } from './channel-settings.ts';
import { includesLabels, labelsSchema, type Labels } from './labels.ts';

/** Stands for the channel's id in the default name of Agora channels. */
const CHANNEL_ID = '{channelId}';

/** Agora's alphabet without braces, which may only be those of `{channelId}`. */
const agoraNameTemplate = z
  .string()
  .min(1)
  .max(64)
  .regex(
    /^([a-zA-Z0-9 !#$%&()+\-:;<=.>?@[\]^_|~,]|\{channelId\})+$/,
    'expected characters that Agora accepts in channel names; the only placeholder is {channelId}',
  );

/**
 * What new channels have where the request that creates them sets nothing. They are settings as in a request, so that
 * everything an app can set can be a default.
 */
export const channelDefaultsSchema = channelSettingsSchema.extend({
  agoraChannelName: agoraNameTemplate
    .optional()
    .describe(
      'Name of the Agora channels; {channelId} stands for the id of the channel, as in "live_{channelId}".',
    ),
});
export type ChannelDefaults = z.infer<typeof channelDefaultsSchema>;

/**
 * The service's own defaults. They bound what a show costs that is never ended, and keep viewers watching while no relay
 * works. `fallback.mode: none` and `idle.noHostSeconds: 0` turn them off.
 */
export const serviceDefaults = {
  fallback: { mode: 'agora-only' },
  idle: { noHostSeconds: 1_800 },
} as const satisfies ChannelDefaults;

/** Settings whose members have a default each. All others, budget and slate among them, are replaced as a whole. */
const byMember = ['playback', 'fallback', 'idle'] as const satisfies readonly (keyof ChannelSettings)[];

/** The settings, and the defaults for what they leave out. A null is kept: it says that there is none. */
export function withDefaults<Settings extends ChannelDefaults>(
  settings: Settings,
  defaults: ChannelDefaults,
): Settings & ChannelDefaults {
  const set = Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined));
  const members = Object.fromEntries(
    byMember
      .filter((name) => settings[name] !== undefined || defaults[name] !== undefined)
      .map((name) => [name, { ...defaults[name], ...settings[name] }]),
  );
  // The members are those of both; Object.fromEntries loses their types.
  return { ...defaults, ...set, ...members } as Settings & ChannelDefaults;
}

const MAX_LABEL_DEFAULTS = 100;

/** Defaults of new channels with certain labels, which take precedence over those of all. */
export const defaultsByLabelSchema = z
  .array(
    z.strictObject({
      labels: labelsSchema.describe('Labels that the channel must have, such as {tier: beta}.'),
      defaults: channelDefaultsSchema.describe('Settings as in api.defaults.'),
    }),
  )
  .max(MAX_LABEL_DEFAULTS);
export type DefaultsByLabel = z.infer<typeof defaultsByLabelSchema>;

/** The defaults of a new channel with these labels. A later entry takes precedence over an earlier one. */
export function defaultsFor(
  labels: Labels | undefined,
  general: ChannelDefaults,
  byLabel: DefaultsByLabel,
): ChannelDefaults {
  return byLabel
    .filter((each) => includesLabels(labels, each.labels))
    .reduce((defaults, each) => withDefaults(each.defaults, defaults), general);
}

/** The name of the Agora channel of a channel with this id, as the default defines it; undefined if none does. */
export function agoraNameFor(id: string, { agoraChannelName }: ChannelDefaults): string | undefined {
  return agoraChannelName?.replaceAll(CHANNEL_ID, () => id);
}
