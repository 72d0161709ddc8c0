import { expect, test } from '@jest/globals';
import type { z } from 'zod';
import { liveChannelSpecSchema } from '../../../../src/api/live-channel.ts';
import { channelSettingsSchema, type ChannelSettings } from '../../../../src/server/contract.ts';
import { exposedSettings, specOf } from '../../../../src/server/services/exposed-settings.ts';

const agora = { credentialsRef: { name: 'agora' } };

/** Fields that are set with kubectl and GitOps only. A new field of spec must be added here, or to the table. */
const notExposed = [
  'agora.accessPoints',
  'agora.credentialsRef',
  'deletionPolicy',
  'fallback',
  'priority',
  'relay.idle',
  'relay.keyframeIntervalSeconds',
  'relay.maxVideoBitrateKbps',
  'relay.mode',
  'relay.slate',
  'relay.template',
  // Set by PUT and DELETE /v1/channels/{id}/relay.
  'suspend',
];

/** A value other than the default for each setting. */
const examples: Required<ChannelSettings> = {
  streamMode: 'auto',
  agoraChannelName: 'show',
  hostUid: 7,
  platform: 'ivs-eu',
  fallbackPlatform: 'mux',
  playback: { latency: 'low', access: 'signed', recording: 'automatic' },
  maxResolution: '480p',
  standby: true,
  budget: { usd: '1.50', per: 'show', actionAt80Percent: 'lower-cap', actionAt100Percent: 'stop' },
};
const names = Object.keys(channelSettingsSchema.shape) as (keyof ChannelSettings)[];

test('each setting of the contract is in the table', () => {
  expect(Object.keys(exposedSettings)).toEqual(names);
});

test.each(names)('%s is read from its field in the spec', (name) => {
  const written = specOf({ [name]: examples[name] });
  const spec = liveChannelSpecSchema.parse({ ...written, agora: { ...agora, ...written.agora } });
  expect(exposedSettings[name].read(spec)).toEqual(examples[name]);
});

test('a spec with all settings is read back with the same settings', () => {
  const { agora: named, ...written } = specOf(examples);
  const spec = liveChannelSpecSchema.parse({ ...written, agora: { ...agora, ...named } });
  expect(Object.fromEntries(names.map((name) => [name, exposedSettings[name].read(spec)]))).toEqual(examples);
});

test('missing settings are not written', () => {
  expect(specOf({})).toEqual({});
  expect(specOf({ budget: null, platform: undefined })).toEqual({});
});

test('each field of spec is exposed, or listed as not exposed', () => {
  const exposed = Object.values(exposedSettings).map(({ path }) => path.join('.'));
  const known = [...exposed, ...notExposed];
  expect(leaves(liveChannelSpecSchema, known).toSorted()).toEqual(known.toSorted());
});

/** The paths of the schema's fields, not deeper than a listed one. */
function leaves(schema: z.ZodType, known: readonly string[], path = ''): readonly string[] {
  if (known.includes(path)) return [path];
  const object = unwrapped(schema);
  if (!('shape' in object)) return [path];
  return Object.entries(object.shape as Record<string, z.ZodType>).flatMap(([name, field]) =>
    leaves(field, known, path === '' ? name : `${path}.${name}`),
  );
}

function unwrapped(schema: z.ZodType): z.ZodType {
  return 'unwrap' in schema && typeof schema.unwrap === 'function'
    ? unwrapped((schema.unwrap as () => z.ZodType).call(schema))
    : schema;
}
