import { expect, test } from '@jest/globals';
import type { LiveChannel } from '../../../../src/api/live-channel.ts';
import { annotations } from '../../../../src/api/names.ts';
import { labelsSchema } from '../../../../src/server/contract/labels.ts';
import { modeChangeSchema, type ModeChange } from '../../../../src/server/contract/modes.ts';
import { ApiProblem } from '../../../../src/server/problems.ts';
import { changeModes, modePatch } from '../../../../src/server/services/mode-changes.ts';
import { aCachedChannel } from '../../../support/server/cached-channel.ts';

const override = annotations.modeOverride;
const aChannel = (name: string, labels: Record<string, string>, more: object = {}): LiveChannel =>
  aCachedChannel(name, { metadata: { labels }, ...more });

test.each<[string, LiveChannel, Omit<ModeChange, 'labels'>, object | undefined]>([
  ['another mode', aCachedChannel('a'), { streamMode: 'hls-only' }, { spec: { streamMode: 'hls-only' } }],
  ['the same mode', aCachedChannel('a'), { streamMode: 'hybrid' }, undefined],
  [
    'the override',
    aCachedChannel('a'),
    { override: 'agora-only' },
    { metadata: { annotations: { [override]: 'agora-only' } } },
  ],
  ['no override where there is none', aCachedChannel('a'), { override: null }, undefined],
  [
    'no override where there is one',
    aCachedChannel('a', { annotations: { [override]: 'agora-only' } }),
    { override: null },
    { metadata: { annotations: { [override]: null } } },
  ],
  [
    'both',
    aCachedChannel('a', { annotations: { [override]: 'agora-only' } }),
    { override: null, streamMode: 'auto' },
    { spec: { streamMode: 'auto' }, metadata: { annotations: { [override]: null } } },
  ],
])('the patch for %s', (_, channel, change, patch) => {
  expect(modePatch(channel, change)).toEqual(patch);
});

test('channels that have all of the labels are changed, one that fails does not keep the others', async () => {
  const channels = [
    aChannel('beta', { tier: 'beta', region: 'eu' }),
    aChannel('refused', { tier: 'beta', region: 'eu' }),
    aChannel('gone', { tier: 'beta', region: 'eu' }),
    aChannel('american', { tier: 'beta', region: 'us' }),
    aChannel('plain', {}),
    aChannel(
      'deleted',
      { tier: 'beta', region: 'eu' },
      {
        metadata: { labels: { tier: 'beta', region: 'eu' }, deletionTimestamp: '2026-01-01T00:00:00Z' },
      },
    ),
  ];
  const changed: string[] = [];
  const writer = {
    change: async (id: string): Promise<LiveChannel> => {
      if (id === 'gone') throw new ApiProblem('channel-not-found', 'Channel gone does not exist.');
      if (id === 'refused') throw new ApiProblem('kubernetes-unavailable', 'The API server is away.');
      changed.push(id);
      return aCachedChannel(id);
    },
  };
  const change = { labels: { tier: 'beta', region: 'eu' }, streamMode: 'hls-only' } as const;
  const result = await changeModes(channels, change, writer, AbortSignal.timeout(5_000));
  expect(changed).toEqual(['beta']);
  expect(result).toEqual({
    matched: 3,
    changed: 2,
    failed: [{ channelId: 'refused', code: 'kubernetes-unavailable', detail: 'The API server is away.' }],
  });
});

test('without labels, every channel is changed that differs', async () => {
  const changed: string[] = [];
  const writer = {
    change: async (id: string): Promise<LiveChannel> => {
      changed.push(id);
      return aCachedChannel(id);
    },
  };
  const channels = [aCachedChannel('a'), aCachedChannel('b', { spec: { streamMode: 'hls-only' } })];
  expect(await changeModes(channels, { streamMode: 'hls-only' }, writer, AbortSignal.timeout(5_000))).toEqual(
    { matched: 2, changed: 1, failed: [] },
  );
  expect(changed).toEqual(['a']);
});

test('a change that changes nothing, unknown overrides and labels of Kubernetes are rejected', () => {
  for (const change of [{}, { labels: { a: 'b' } }, { override: 'hybrid' }, { streamMode: 'x' }])
    expect(modeChangeSchema.safeParse(change).success).toBe(false);
  for (const labels of [
    { 'app.kubernetes.io/name': 'a' },
    { '-a': 'b' },
    { a: 'b c' },
    { a: 'x'.repeat(64) },
    Object.fromEntries(Array.from({ length: 21 }, (_, index) => [`l${index}`, ''])),
  ])
    expect(labelsSchema.safeParse(labels).success).toBe(false);
  expect(labelsSchema.safeParse({ tier: 'beta', empty: '' }).success).toBe(true);
});
