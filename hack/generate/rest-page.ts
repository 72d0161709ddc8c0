import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { liveChannelSpecSchema } from '../../src/api/live-channel.ts';
import { serviceDefaults } from '../../src/server/contract/channel-defaults.ts';
import { exposedSettings } from '../../src/server/contract/channel-settings.ts';
import { typeOf } from './api-reference.ts';
import { code, table, withSection } from './markdown.ts';
import { toStructuralSchema, type StructuralSchema } from './structural-schema.ts';

const path = 'docs/build/rest-and-trpc.md';

/** Fields that an app cannot set, and why. Each field is either here or in exposedSettings. */
const reasons: Readonly<Record<string, string>> = {
  'agora.credentialsRef':
    'It names a Secret. An app could otherwise use any Secret of the namespace; the chart sets it for all channels (`api.agoraSecret`).',
  'agora.tokenRef':
    'The service sets it where an app passes a token (`agoraToken` of a start). With `kubectl`, it names a Secret of your own.',
  'agora.accessPoints':
    'A property of the installation, not of a show: the chart sets it for all channels (`api.agoraAccessPoints`).',
  'relay.template':
    'It decides where pods run and what they may use, which is up to those who run the cluster. Use an admission policy to set it for every channel.',
};

/** Defaults that no schema contains, or contains in another form. */
const defaultTexts: Readonly<Record<string, string>> = {
  agoraChannelName: 'the ID',
  hostUid: 'the first who publishes',
  platform: 'the default platform',
  fallbackPlatform: 'none',
  maxVideoBitrateKbps: "the platform's limit",
  standby: '`false`',
  slate: 'the last frame',
  budget: 'none',
};

/** What a change of a setting does to a show that is on air. */
type OnAirEffect = 'at once' | 'relay restarts' | 'new stream' | 'when it is deleted';

/** Of settings without members, and of members. The test of this file compares it with what the operator does. */
export const onAirEffects: Readonly<Record<string, OnAirEffect>> = {
  streamMode: 'at once',
  agoraChannelName: 'relay restarts',
  hostUid: 'relay restarts',
  platform: 'new stream',
  fallbackPlatform: 'at once',
  'fallback.mode': 'at once',
  'fallback.afterSeconds': 'at once',
  'playback.latency': 'new stream',
  'playback.access': 'new stream',
  'playback.recording': 'new stream',
  startOn: 'at once',
  relayMode: 'relay restarts',
  maxResolution: 'relay restarts',
  maxVideoBitrateKbps: 'relay restarts',
  keyframeIntervalSeconds: 'relay restarts',
  standby: 'at once',
  'idle.noHostSeconds': 'at once',
  'idle.noViewersSeconds': 'at once',
  'idle.holdLastFrameSeconds': 'relay restarts',
  'idle.hostProbeIntervalSeconds': 'at once',
  'slate.configMapRef.name': 'relay restarts',
  'slate.configMapRef.key': 'relay restarts',
  'budget.usd': 'at once',
  'budget.per': 'at once',
  'budget.actionAt80Percent': 'at once',
  'budget.actionAt100Percent': 'at once',
  priority: 'at once',
  deletionPolicy: 'when it is deleted',
};

/** Fields that operations set, in place of a setting. */
const setByOperations: Readonly<
  Record<string, readonly [setting: string, byDefault: string, meaning: string]>
> = {
  suspend: [
    '`onAir`, only to create',
    '`true`',
    'true: start the relay at once. `PUT` and `DELETE /v1/channels/{id}/relay` set the field later.',
  ],
};

/** The page of the service, with its two generated tables: the fields that apps set, and those that they do not. */
export async function restPage(root: string): Promise<Map<string, string>> {
  const page = await readFile(join(root, path), 'utf8');
  const settings = table(
    ['Setting', 'Field of the resource', 'Values', 'Default', 'On air', 'Meaning'],
    settingRows(),
  );
  const others = table(
    ['Field of the resource', 'Meaning', 'Why only there'],
    resourceOnlyFields().map(({ name, meaning }) => [code(`spec.${name}`), meaning, reasonFor(name)]),
  );
  return new Map([
    [
      path,
      withSection(
        withSection(page, path, 'settings', unformatted(settings)),
        path,
        'other fields',
        unformatted(others),
      ),
    ],
  ]);
}

/** The formatter would align the columns. */
const unformatted = (text: string): string => `<!-- prettier-ignore -->\n${text}\n`;

const spec = toStructuralSchema(liveChannelSpecSchema);

function settingRows(): readonly (readonly string[])[] {
  const settings = Object.entries(exposedSettings).flatMap(([name, { schema, path: field }]) =>
    rowsOf(
      name,
      `spec.${field.join('.')}`,
      toStructuralSchema(z.object({ name: schema })).properties?.['name'],
      field,
    ),
  );
  const operations = Object.entries(setByOperations).map(([field, [setting, byDefault, meaning]]) => [
    setting,
    code(`spec.${field}`),
    typeOf(fieldAt([field])),
    byDefault,
    '',
    meaning,
  ]);
  return [...settings, ...operations];
}

/** A row for a setting, and one for each of its members, which have the names of the field's members. */
function rowsOf(
  name: string,
  field: string,
  schema: StructuralSchema = {},
  at: readonly string[],
): readonly (readonly string[])[] {
  const meaning = schema.description ?? fieldAt(at).description ?? '';
  const members = Object.entries(schema.properties ?? {}).flatMap(([member, inner]) =>
    rowsOf(`${name}.${member}`, `${field}.${member}`, inner, [...at, member]),
  );
  const [values, onAir] = members.length > 0 ? ['', ''] : [typeOf(schema), onAirEffectOf(name)];
  return [[code(name), code(field), values, defaultOf(name, at), onAir, meaning], ...members];
}

/** The value at this path of members; undefined if there is none. */
function memberOf(value: unknown, [first, ...rest]: readonly string[]): unknown {
  if (first === undefined || typeof value !== 'object' || value === null) return value;
  return memberOf(new Map(Object.entries(value)).get(first), rest);
}

/** What a new channel has where neither the request nor the chart sets it: the service's default, or the resource's. */
function defaultOf(name: string, at: readonly string[]): string {
  const text = defaultTexts[name];
  if (text !== undefined) return text;
  for (const value of [memberOf(serviceDefaults, name.split('.')), fieldAt(at).default])
    if (typeof value === 'string' || typeof value === 'number') return code(String(value));
  return '';
}

function onAirEffectOf(name: string): OnAirEffect {
  const effect = onAirEffects[name];
  if (effect !== undefined) return effect;
  throw new Error(`The setting ${name} is new: add what its change does on air to rest-page.ts`);
}

function reasonFor(name: string): string {
  const reason = reasons[name];
  if (reason !== undefined) return reason;
  throw new Error(`spec.${name} is not exposed: add it to exposedSettings, or the reason to rest-page.ts`);
}

function fieldAt(at: readonly string[]): StructuralSchema {
  let field: StructuralSchema | undefined = spec;
  for (const member of at) field = field?.properties?.[member];
  if (field === undefined) throw new Error(`spec.${at.join('.')} is exposed, and does not exist`);
  return field;
}

export interface ResourceOnlyField {
  /** Below `spec`, e.g. relay.template. */
  readonly name: string;
  readonly meaning: string;
}

/** The fields of spec that the service does not expose: whole objects where none of their members is exposed. */
export function resourceOnlyFields(): readonly ResourceOnlyField[] {
  const exposed = [
    ...Object.values(exposedSettings).map(({ path: field }) => field.join('.')),
    ...Object.keys(setByOperations),
  ];
  const below = (schema: StructuralSchema, prefix: string): readonly ResourceOnlyField[] =>
    Object.entries(schema.properties ?? {}).flatMap(([member, field]) => {
      const name = `${prefix}${member}`;
      if (exposed.includes(name)) return [];
      if (exposed.some((each) => each.startsWith(`${name}.`))) return below(field, `${name}.`);
      return [{ name, meaning: field.description ?? '' }];
    });
  return below(spec, '');
}
