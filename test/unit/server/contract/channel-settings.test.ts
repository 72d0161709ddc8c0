import { beforeAll, expect, test } from '@jest/globals';
import { readFile } from 'node:fs/promises';
import { parse } from 'yaml';
import { z } from 'zod';
import { liveChannelSpecSchema, type LiveChannelSpec } from '../../../../src/api/live-channel.ts';
import {
  channelSettingsSchema,
  exposedSettings,
  type ChannelSettings,
} from '../../../../src/server/contract/channel-settings.ts';
import { specOf } from '../../../../src/server/services/channel-draft.ts';

const agora = { credentialsRef: { name: 'agora' } };
const sample = new URL('../../../../manifests/samples/livechannel-full.yaml', import.meta.url);
const names = Object.keys(exposedSettings) as (keyof ChannelSettings)[];
const bare = liveChannelSpecSchema.parse({ agora });

let full: LiveChannelSpec;
/** Each setting of the sample, which has a value other than the default for every field. */
let examples: Required<ChannelSettings>;

const settingsOf = (spec: LiveChannelSpec): object =>
  Object.fromEntries(names.map((name) => [name, exposedSettings[name].read(spec)]));
const written = (settings: ChannelSettings): LiveChannelSpec => {
  const { agora: named, ...spec } = specOf(settings);
  return liveChannelSpecSchema.parse({ ...spec, agora: { ...agora, ...named } });
};

beforeAll(async () => {
  const { spec } = z
    .looseObject({ spec: liveChannelSpecSchema })
    .parse(parse(await readFile(sample, 'utf8')));
  full = spec;
  examples = channelSettingsSchema.required().parse(settingsOf(full));
});

test.each(names)('%s is read from where it is written', (name) => {
  expect(examples[name]).not.toEqual(exposedSettings[name].read(bare));
  expect(exposedSettings[name].read(written({ [name]: examples[name] }))).toEqual(examples[name]);
});

test('a spec of all settings has the same settings', () => {
  expect(settingsOf(written(examples))).toEqual(examples);
});

test('a setting is written to the field that its path names', () => {
  for (const name of names) {
    const spec: unknown = specOf({ [name]: examples[name] });
    const field = exposedSettings[name].path.reduce<unknown>(
      (object, member) => (object as Record<string, unknown>)[member],
      spec,
    );
    expect(field).toBeDefined();
  }
});

test('what is not set is not written', () => {
  expect(specOf({})).toEqual({});
  expect(specOf({ budget: null, platform: undefined })).toEqual({});
});
