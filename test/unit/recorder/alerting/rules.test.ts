import { describe, expect, test } from '@jest/globals';
import { alertKinds } from '../../../../src/api/alerts.ts';
import type { LiveChannel } from '../../../../src/api/live-channel.ts';
import { channelRules } from '../../../../src/recorder/alerting/channel-rules.ts';
import { platformRules, type PlatformFacts } from '../../../../src/recorder/alerting/platform-rules.ts';
import { aChannel, aRecord } from '../../../support/channel/channel-examples.ts';
import { after, start } from '../examples.ts';
import { channelWith, condition, offAir, onAir, platformWith } from './examples.ts';

const causeOf = (
  kind: string,
  channel: LiveChannel,
  { recentRestarts = 0, isOpen = false }: { recentRestarts?: number; isOpen?: boolean } = {},
): string | undefined =>
  channelRules.find((rule) => rule.kind === kind)?.cause({ channel, now: start, recentRestarts }, isOpen);

describe('ChannelOffAir', () => {
  const waiting = condition('Ready', 'False', 'WaitingForHost');
  const absent = condition('HostPresent', 'False', 'WaitingForHost');
  const pending = condition('Ready', 'False', 'PodPending');
  const starting = { status: { relayStatus: 'starting' } };
  const since = '2026-01-01T00:00:00Z';
  const probing = [aRecord({ idle: { since, why: 'no-host', probingSince: since } })];
  const idle = aChannel({ records: probing });
  const checking = { ...idle, status: { ...idle.status, ...offAir.status } };
  test.each<[string, LiveChannel, boolean]>([
    ['on air', onAir, false],
    ['off air, and host presence is unknown', offAir, true],
    ['starting', channelWith([pending], starting), true],
    ['without a status', { ...offAir, status: undefined }, true],
    ['waiting for its host', channelWith([waiting, absent], starting), false],
    ['off air, and its host is absent', channelWith([pending, absent], starting), false],
    ['checking for its host while it is idle', checking, false],
    ['suspended', channelWith([pending], { ...starting, spec: { suspend: true } }), false],
    ['on Agora alone', channelWith([pending], { ...starting, spec: { streamMode: 'agora-only' } }), false],
    [
      'being deleted',
      channelWith([pending], { ...starting, metadata: { deletionTimestamp: '2026-01-01T00:00:00Z' } }),
      false,
    ],
  ])('of a channel that is %s: %p', (_, channel, expected) => {
    expect(causeOf('ChannelOffAir', channel) !== undefined).toBe(expected);
  });

  test('repeats the reason that Ready has', () => {
    expect(causeOf('ChannelOffAir', offAir)).toBe(
      'The channel should be on air, and is not. PodPending: No node has room.',
    );
  });
});

test.each([
  ['True', true],
  ['Unknown', false],
  ['False', false],
])('FallbackActive follows the condition: %s', (status, expected) => {
  const channel = channelWith([
    condition('FallbackActive', status, 'FallbackAgora', 'Send viewers to Agora.'),
  ]);
  expect(causeOf('FallbackActive', channel) !== undefined).toBe(expected);
});

describe('RelayRestarting', () => {
  const restarted = (seconds: number): LiveChannel =>
    channelWith([], {
      status: {
        relay: {
          restarts: 9,
          lastRestartReason: 'OOMKilled',
          lastRestartTime: after(-seconds).toISOString(),
        },
      },
    });
  test.each([
    [2, false, 10, false],
    [3, false, 10, true],
    [0, true, 599, true],
    [3, true, 600, false],
  ])('%d restarts, open: %p, the last one %d s ago: %p', (recentRestarts, isOpen, seconds, expected) => {
    const cause = causeOf('RelayRestarting', restarted(seconds), { recentRestarts, isOpen });
    expect(cause !== undefined).toBe(expected);
    if (cause !== undefined) expect(cause).toContain('OOMKilled');
  });
});

describe('platforms', () => {
  const facts: PlatformFacts = { platform: platformWith(), maxStreams: 100, refused: 0, affected: 0 };
  const streams = (count: number) => platformWith(undefined, { streams: count });
  const failing = platformWith([condition('Ready', 'False', 'CredentialsRejected')]);
  const inUse = platformWith([condition('Ready', 'False', 'InUse')]);
  const deleting = { ...inUse, metadata: { ...inUse.metadata, deletionTimestamp: '2026-01-01T00:00:00Z' } };
  const orphans = platformWith([condition('OrphanedStreams', 'True', 'OrphanedStreams', 's-1, s-2')]);
  test.each<[string, string, Partial<PlatformFacts>, boolean, boolean]>([
    ['PlatformNotReady', 'Ready', {}, false, false],
    ['PlatformNotReady', 'not Ready', { platform: failing }, false, true],
    ['PlatformNotReady', 'being deleted', { platform: deleting }, false, false],
    ['PlatformNotReady', 'not checked yet', { platform: platformWith([]) }, false, false],
    ['ManyChannelsAffected', '19 channels', { affected: 19 }, false, false],
    ['ManyChannelsAffected', '20 channels', { affected: 20 }, false, true],
    ['ManyChannelsAffected', '10 channels, open', { affected: 10 }, true, true],
    ['ManyChannelsAffected', '9 channels, open', { affected: 9 }, true, false],
    ['QuotaNearlyFull', '89 of 100', { platform: streams(89) }, false, false],
    ['QuotaNearlyFull', '90 of 100', { platform: streams(90) }, false, true],
    ['QuotaNearlyFull', '85 of 100, open', { platform: streams(85) }, true, true],
    ['QuotaNearlyFull', '84 of 100, open', { platform: streams(84) }, true, false],
    ['QuotaNearlyFull', '1 of 1', { platform: streams(1), maxStreams: 1 }, false, false],
    ['QuotaNearlyFull', 'no known limit', { platform: streams(900), maxStreams: undefined }, false, false],
    ['QuotaNearlyFull', 'a refused stream', { maxStreams: undefined, refused: 1 }, false, true],
    ['OrphanedStreams', 'none', {}, false, false],
    ['OrphanedStreams', 'some', { platform: orphans }, false, true],
  ])('%s: %s', (kind, _, difference, isOpen, expected) => {
    const rule = platformRules.find((each) => each.kind === kind);
    expect(rule?.cause({ ...facts, ...difference }, isOpen) !== undefined).toBe(expected);
  });
});

test('each kind that is not about budgets has exactly one rule, for what it is about', () => {
  const kinds = Object.entries(alertKinds).filter(([kind]) => !kind.startsWith('Budget'));
  const of = (about: string): string[] =>
    kinds.filter(([, entry]) => entry.about === about).map(([kind]) => kind);
  expect(channelRules.map(({ kind }) => kind).sort()).toEqual(of('channel').sort());
  expect(platformRules.map(({ kind }) => kind).sort()).toEqual(of('platform').sort());
});

test('the sentences of the reference name the durations of the rules', () => {
  const said = (ms: number): string =>
    ms % 60_000 === 0 && ms > 60_000 ? `${ms / 60_000} min` : `${ms / 1_000} s`;
  for (const { kind, raiseAfterMs, resolveAfterMs } of [...channelRules, ...platformRules]) {
    const { raisedWhen, resolvedWhen } = alertKinds[kind];
    if (raiseAfterMs > 0)
      expect([kind, raisedWhen]).toEqual([kind, expect.stringContaining(said(raiseAfterMs))]);
    if (resolveAfterMs > 0)
      expect([kind, resolvedWhen]).toEqual([kind, expect.stringContaining(said(resolveAfterMs))]);
  }
});
