import { agoraChannelNameSchema } from '../../api/live-channel.ts';
import { resourceName } from '../../api/channel-id.ts';
import { annotations } from '../../api/names.ts';
import {
  agoraNameFor,
  defaultsFor,
  withDefaults,
  type ChannelDefaults,
} from '../contract/channel-defaults.ts';
import {
  createChannelSchema,
  exposedSettings,
  type ChannelChange,
  type ChannelSettings,
  type CreateChannel,
} from '../contract/channel-settings.ts';
import { invalidMember } from '../problems.ts';
import type { ApiSettings } from '../settings.ts';
import { sha256Hex } from '../../base/digest.ts';

export type Defaults = Pick<
  ApiSettings,
  | 'LIVECHANNEL_API_AGORA_SECRET'
  | 'LIVECHANNEL_API_DEFAULTS'
  | 'LIVECHANNEL_API_DEFAULTS_BY_LABEL'
  | 'LIVECHANNEL_API_AGORA_ACCESS_POINTS'
>;

/** A JSON merge patch (RFC 7386) of a channel. */
export interface ChannelPatch {
  readonly metadata?: {
    readonly labels?: Readonly<Record<string, string | null>>;
    readonly annotations?: Readonly<Record<string, string | null>>;
  };
  readonly spec?: object;
}

/** A LiveChannel to create; the API server adds defaults. */
export interface ChannelDraft {
  readonly metadata: {
    readonly name: string;
    readonly namespace: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations: Readonly<Record<string, string>>;
  };
  readonly spec: object;
}

/**
 * The resource for a request, with the defaults for what the request leaves out.
 * @throws ApiProblem invalid-request if the default name of the Agora channel does not fit the id
 */
export function draftOf(
  { id, onAir, labels, ...given }: CreateChannel,
  namespace: string,
  defaults: Defaults,
  idempotency: string | undefined,
): ChannelDraft {
  const name = resourceName(id);
  const accessPoints = defaults.LIVECHANNEL_API_AGORA_ACCESS_POINTS;
  const own = defaultsFor(
    labels,
    defaults.LIVECHANNEL_API_DEFAULTS,
    defaults.LIVECHANNEL_API_DEFAULTS_BY_LABEL,
  );
  const settings = withDefaults(given, own);
  const { agora, ...spec } = specOf({
    ...settings,
    agoraChannelName: given.agoraChannelName ?? defaultAgoraName(id, own),
  });
  return {
    metadata: {
      name,
      namespace,
      ...(labels === undefined ? {} : { labels }),
      annotations: {
        ...(name === id ? {} : { [annotations.channelId]: id }),
        // With startOn: host, the relay waits for the host unless it has been resumed.
        ...(onAir && settings.startOn === 'host' ? { [annotations.resume]: 'created' } : {}),
        ...(idempotency === undefined ? {} : { [annotations.idempotency]: idempotency }),
      },
    },
    spec: {
      ...spec,
      // With startOn: host, the relay is off air until the host joins.
      suspend: !onAir && settings.startOn !== 'host',
      agora: {
        ...agora,
        credentialsRef: { name: defaults.LIVECHANNEL_API_AGORA_SECRET },
        ...(accessPoints === undefined ? {} : { accessPoints }),
      },
    },
  };
}

/**
 * The name of the Agora channel of a new channel. Without a default it is the id, or, where Agora does not accept the id
 * as a name, that of the resource, which the response with the Agora token contains.
 */
function defaultAgoraName(id: string, defaults: ChannelDefaults): string {
  const named = agoraNameFor(id, defaults);
  if (named === undefined) return agoraChannelNameSchema.safeParse(id).success ? id : resourceName(id);
  if (agoraChannelNameSchema.safeParse(named).success) return named;
  throw invalidMember(
    'agoraChannelName',
    `channel ${id} would have the Agora channel ${named} by default (api.defaults.agoraChannelName), which Agora does not accept: a name has 1 to 64 characters of Agora's alphabet. Set agoraChannelName`,
  );
}

/** The fields of spec for these settings; those that are undefined or null are left out. */
export function specOf(settings: { readonly [K in keyof ChannelSettings]: ChannelSettings[K] | undefined }): {
  readonly agora?: object;
  readonly [field: string]: unknown;
} {
  const spec: Record<string, unknown> = {};
  for (const [name, { path, write }] of settingsTable) {
    const setting = settings[name];
    if (setting === undefined || setting === null) continue;
    put(spec, path, write === undefined ? setting : write(setting as never));
  }
  return spec;
}

interface WrittenSetting {
  readonly path: readonly string[];
  readonly removes?: readonly string[];
  readonly write?: (setting: never) => unknown;
}

const settingsTable = Object.entries<WrittenSetting>(exposedSettings) as readonly (readonly [
  keyof ChannelSettings, // Object.entries loses the names
  WrittenSetting,
])[];

function put(target: Record<string, unknown>, path: readonly string[], value: unknown): void {
  const [member = '', ...rest] = path;
  if (rest.length === 0) target[member] = value;
  else put((target[member] ??= {}) as Record<string, unknown>, rest, value);
}

/**
 * The merge patch (RFC 7386) of a change: labels, settings and members that are not given are kept, and null removes one. A
 * budget is replaced as a whole.
 */
export function patchOf({ labels, ...change }: ChannelChange): ChannelPatch {
  const { budget } = change;
  const spec: Record<string, unknown> = { ...specOf(change) };
  for (const [name, { path, removes = path }] of settingsTable)
    if (change[name] === null) put(spec, removes, null);
  if (budget !== undefined && budget !== null)
    spec['budget'] = {
      ...budget,
      actionAt80Percent: budget.actionAt80Percent ?? null,
      actionAt100Percent: budget.actionAt100Percent ?? null,
    };
  return { spec, ...(labels === undefined ? {} : { metadata: { labels } }) };
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
