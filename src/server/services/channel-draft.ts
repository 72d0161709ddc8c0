import { resourceName } from '../../api/channel-id.ts';
import { annotations } from '../../api/names.ts';
import {
  createChannelSchema,
  exposedSettings,
  type ChannelSettings,
  type CreateChannel,
} from '../contract/channel-settings.ts';
import type { ApiSettings } from '../settings.ts';
import { sha256Hex } from '../../base/digest.ts';

/** The characters and length that Agora accepts as a channel name. */
const agoraName = /^[a-zA-Z0-9 !#$%&()+\-:;<=.>?@[\]^_{|}~,]{1,64}$/;

export type Defaults = Pick<
  ApiSettings,
  | 'LIVECHANNEL_API_AGORA_SECRET'
  | 'LIVECHANNEL_API_DEFAULT_STREAM_MODE'
  | 'LIVECHANNEL_API_DEFAULT_PLATFORM'
  | 'LIVECHANNEL_API_AGORA_ACCESS_POINTS'
>;

/** A LiveChannel to create; the API server adds defaults. */
export interface ChannelDraft {
  readonly metadata: {
    readonly name: string;
    readonly namespace: string;
    readonly annotations: Readonly<Record<string, string>>;
  };
  readonly spec: object;
}

/**
 * The resource for a request. The Agora channel has the id as its name. If Agora does not accept the id as a name (other
 * characters, or longer than 64), it has the resource's name instead, which the response with the Agora token contains.
 */
export function draftOf(
  { id, onAir, ...given }: CreateChannel,
  namespace: string,
  defaults: Defaults,
  idempotency: string | undefined,
): ChannelDraft {
  const name = resourceName(id);
  const platform = given.platform ?? defaults.LIVECHANNEL_API_DEFAULT_PLATFORM;
  const accessPoints = defaults.LIVECHANNEL_API_AGORA_ACCESS_POINTS;
  const { agora, ...spec } = specOf({
    ...given,
    streamMode: given.streamMode ?? defaults.LIVECHANNEL_API_DEFAULT_STREAM_MODE,
    agoraChannelName: given.agoraChannelName ?? (agoraName.test(id) ? id : name),
    ...(platform === undefined ? {} : { platform }),
    // null means "none" in a change; a new channel has none anyway.
    budget: given.budget ?? undefined,
  });
  return {
    metadata: {
      name,
      namespace,
      annotations: {
        ...(name === id ? {} : { [annotations.channelId]: id }),
        // With startOn: host, the relay waits for the host unless it has been resumed.
        ...(onAir && given.startOn === 'host' ? { [annotations.resume]: 'created' } : {}),
        ...(idempotency === undefined ? {} : { [annotations.idempotency]: idempotency }),
      },
    },
    spec: {
      ...spec,
      // With startOn: host, the relay is off air until the host joins.
      suspend: !onAir && given.startOn !== 'host',
      agora: {
        ...agora,
        credentialsRef: { name: defaults.LIVECHANNEL_API_AGORA_SECRET },
        ...(accessPoints === undefined ? {} : { accessPoints }),
      },
    },
  };
}

/** The fields of spec for these settings; those that are undefined or null are left out. */
export function specOf(settings: { readonly [K in keyof ChannelSettings]: ChannelSettings[K] | undefined }): {
  readonly agora?: object;
  readonly [field: string]: unknown;
} {
  const spec: Record<string, unknown> = {};
  for (const [name, { path, write }] of Object.entries<WrittenSetting>(exposedSettings)) {
    const setting = settings[name as keyof ChannelSettings];
    if (setting === undefined || setting === null) continue;
    put(spec, path, write === undefined ? setting : write(setting as never));
  }
  return spec;
}

interface WrittenSetting {
  readonly path: readonly string[];
  readonly write?: (setting: never) => unknown;
}

function put(target: Record<string, unknown>, path: readonly string[], value: unknown): void {
  const [member = '', ...rest] = path;
  if (rest.length === 0) target[member] = value;
  else put((target[member] ??= {}) as Record<string, unknown>, rest, value);
}

/** The merge patch (RFC 7386) of a change: settings that are not given are kept. A budget is replaced as a whole. */
export function patchOf(change: ChannelSettings): object {
  const { budget } = change;
  const whole =
    budget === null || budget === undefined
      ? budget
      : {
          ...budget,
          actionAt80Percent: budget.actionAt80Percent ?? null,
          actionAt100Percent: budget.actionAt100Percent ?? null,
        };
  return { spec: { ...specOf(change), ...(whole === undefined ? {} : { budget: whole }) } };
}

/** Identifies the request that created a channel; stored in an annotation as KEY/REQUEST. Both are hashes. */
export interface Idempotency {
  readonly key: string;
  readonly request: string;
}

/** Hashes the key together with its caller, because two apps may use the same key. */
export function idempotencyOf(subject: string, key: string, request: CreateChannel): Idempotency {
  // Parsing puts the members into the schema's order, so that equal requests have equal text.
  return {
    key: digest(`${subject}\n${key}`),
    request: digest(JSON.stringify(createChannelSchema.parse(request))),
  };
}

export const idempotencyText = ({ key, request }: Idempotency): string => `${key}/${request}`;

/** Reads the annotation of a channel; undefined if it is absent or malformed. */
export function idempotencyIn(noted: Readonly<Record<string, string>> | undefined): Idempotency | undefined {
  const [key, request, ...rest] = noted?.[annotations.idempotency]?.split('/') ?? [];
  return key === undefined || request === undefined || rest.length > 0 ? undefined : { key, request };
}

function digest(text: string): string {
  return sha256Hex(text, 32);
}
