import { expect, test } from '@jest/globals';
import type { z } from 'zod';
import { onAirEffects, resourceOnlyFields, restPage } from '../../../../hack/generate/rest-page.ts';
import { aChannel, aPlatform, credentials } from '../../../support/channel/channel-examples.ts';
import { checkout } from '../../../support/docs/pages.ts';
import { liveChannelSpecSchema, type LiveChannel } from '../../../../src/api/live-channel.ts';
import { found } from '../../../../src/channel/state.ts';
import { desiredDigests } from '../../../../src/controllers/live-channel/digests.ts';
import { streamName } from '../../../../src/platforms/stream-name.ts';
import { exposedSettings, type ChannelSettings } from '../../../../src/server/contract/channel-settings.ts';
import { specOf } from '../../../../src/server/services/channel-draft.ts';

test('each field of spec is in one of the two tables', () => {
  const exposed = Object.values(exposedSettings).map(({ path }) => path.join('.'));
  const known = [...exposed, 'suspend', ...resourceOnlyFields().map(({ name }) => name)];
  expect(leaves(liveChannelSpecSchema, known).toSorted()).toEqual(known.toSorted());
});

test('an object none of whose members is exposed is one field', () => {
  const names = resourceOnlyFields().map(({ name }) => name);
  expect(names).toContain('relay.template');
  expect(names).not.toContain('relay');
  expect(names).not.toContain('relay.template.resources');
});

test.each([
  ['streamMode', '`hybrid`'],
  ['fallback.mode', '`agora-only`'], // the resource's is none
  ['fallback.afterSeconds', '`30`'],
  ['idle.noHostSeconds', '`1800`'], // the resource's is 0
  ['standby', '`false`'],
  ['budget.usd', ''],
])('the default of %s is that of the service, or else of the resource: %s', async (setting, byDefault) => {
  const [page = ''] = (await restPage(checkout)).values();
  const row = page.split('\n').find((line) => line.startsWith(`| \`${setting}\` |`)) ?? '';
  expect(row.split(/(?<!\\)\|/)[4]?.trim()).toBe(byDefault);
});

/** A change of each setting. */
const changes: Readonly<Record<string, ChannelSettings>> = {
  streamMode: { streamMode: 'hls-only' },
  agoraChannelName: { agoraChannelName: 'live_2' },
  hostUid: { hostUid: 2 },
  platform: { platform: 'ivs' },
  fallbackPlatform: { fallbackPlatform: 'ivs' },
  'fallback.mode': { fallback: { mode: 'agora-only' } },
  'fallback.afterSeconds': { fallback: { afterSeconds: 10 } },
  'playback.latency': { playback: { latency: 'low' } },
  'playback.access': { playback: { access: 'signed' } },
  'playback.recording': { playback: { recording: 'automatic' } },
  startOn: { startOn: 'host' },
  relayMode: { relayMode: 'transcode' },
  maxResolution: { maxResolution: '480p' },
  maxVideoBitrateKbps: { maxVideoBitrateKbps: 500 },
  keyframeIntervalSeconds: { keyframeIntervalSeconds: 4 },
  standby: { standby: true },
  'idle.noHostSeconds': { idle: { noHostSeconds: 60 } },
  'idle.noViewersSeconds': { idle: { noViewersSeconds: 60 } },
  'idle.holdLastFrameSeconds': { idle: { holdLastFrameSeconds: 60 } },
  'idle.hostProbeIntervalSeconds': { idle: { hostProbeIntervalSeconds: 10 } },
  'slate.configMapRef.name': { slate: { configMapRef: { name: 'other' } } },
  'slate.configMapRef.key': { slate: { configMapRef: { name: 'slate', key: 'other.png' } } },
  'budget.usd': { budget: { usd: '2', per: 'show' } },
  'budget.per': { budget: { usd: '1', per: 'hour' } },
  'budget.actionAt80Percent': { budget: { usd: '1', per: 'show', actionAt80Percent: 'stop' } },
  'budget.actionAt100Percent': { budget: { usd: '1', per: 'show', actionAt100Percent: 'stop' } },
  priority: { priority: 1 },
  deletionPolicy: { deletionPolicy: 'Retain' },
};

test.each(Object.entries(onAirEffects))('on air, a change of %s: %s', (setting, effect) => {
  const settings: ChannelSettings = {
    slate: { configMapRef: { name: 'slate' } },
    budget: { usd: '1', per: 'show' },
  };
  const change = changes[setting] ?? {};
  const [before, after] = [childrenOf(settings), childrenOf({ ...settings, ...change })];
  expect(after.spec).not.toEqual(before.spec);
  expect([after.stream !== before.stream, after.pod !== before.pod]).toEqual([
    effect === 'new stream',
    effect === 'relay restarts',
  ]);
});

/** A channel with these settings, and what identifies its stream and its relay's configuration. */
function childrenOf(settings: ChannelSettings): {
  readonly spec: LiveChannel['spec'];
  readonly stream: string;
  readonly pod: string;
} {
  const { agora, ...spec } = specOf(settings);
  const channel = aChannel({ spec: { ...spec, agora: { credentialsRef: { name: 'agora' }, ...agora } } });
  const platform = channel.spec.platformRef?.name ?? 'origin';
  const owner = { clusterId: 'cluster', channelUid: channel.metadata.uid, platform };
  const { pod } = desiredDigests({
    channel,
    slot: 0,
    role: { standby: false, epoch: undefined },
    platform: found(aPlatform),
    credentials: found(credentials),
    hasCa: false,
    relay: { image: 'relay', pullPolicy: 'IfNotPresent', pullSecrets: [] },
  });
  return { spec: channel.spec, stream: streamName(owner, channel.spec.playback), pod };
}

/** The paths of the schema's fields, no deeper than one that is known. */
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
