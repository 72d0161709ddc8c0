import type { LiveChannelSpec } from '../../api/live-channel.ts';
import type { ChannelSettings } from '../contract.ts';

/** A setting of the service and the field of LiveChannel's spec to which it corresponds. */
interface ExposedSetting<Setting, Value = unknown> {
  /** Members of spec that lead to the field. */
  readonly path: readonly [string, ...string[]];
  /** The setting in a spec; undefined if the spec does not set it. */
  readonly read: (spec: LiveChannelSpec) => Value;
  /** The field's value for a setting. Default: the setting itself. */
  readonly write?: (setting: Setting) => unknown;
}

type Exposed = {
  readonly [K in keyof ChannelSettings]-?: ExposedSetting<
    NonNullable<ChannelSettings[K]>,
    ChannelSettings[K]
  >;
};

/**
 * The fields of a LiveChannel's spec that the service exposes. Drafts and changes are written, and views are read, through
 * this table. All other fields are set with kubectl or GitOps; test/unit/server/services/exposed-settings.test.ts lists
 * them.
 */
export const exposedSettings = {
  streamMode: { path: ['streamMode'], read: (spec) => spec.streamMode },
  agoraChannelName: { path: ['agora', 'channelName'], read: (spec) => spec.agora.channelName },
  hostUid: { path: ['agora', 'hostUid'], read: (spec) => spec.agora.hostUid },
  platform: { path: ['platformRef', 'name'], read: (spec) => spec.platformRef?.name },
  fallbackPlatform: { path: ['fallbackPlatformRef', 'name'], read: (spec) => spec.fallbackPlatformRef?.name },
  playback: { path: ['playback'], read: (spec) => spec.playback },
  maxResolution: { path: ['relay', 'maxResolution'], read: (spec) => spec.relay.maxResolution },
  standby: {
    path: ['relay', 'replicas'],
    read: (spec) => spec.relay.replicas > 1,
    write: (standby) => (standby ? 2 : 1),
  },
  budget: { path: ['budget'], read: (spec) => spec.budget },
} as const satisfies Exposed;

/** The fields of spec for these settings; those that are undefined or null are left out. */
export function specOf(settings: { readonly [K in keyof ChannelSettings]: ChannelSettings[K] | undefined }): {
  readonly agora?: object;
  readonly [field: string]: unknown;
} {
  const spec: Record<string, unknown> = {};
  for (const [name, { path, write }] of Object.entries<ExposedSetting<never>>(exposedSettings)) {
    const setting = settings[name as keyof ChannelSettings];
    if (setting === undefined || setting === null) continue;
    put(spec, path, write === undefined ? setting : write(setting as never));
  }
  return spec;
}

function put(target: Record<string, unknown>, path: readonly string[], value: unknown): void {
  const [member = '', ...rest] = path;
  if (rest.length === 0) target[member] = value;
  else put((target[member] ??= {}) as Record<string, unknown>, rest, value);
}
