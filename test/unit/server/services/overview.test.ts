import { expect, test } from '@jest/globals';
import type { RelayNumbers } from '../../../../src/api/live-numbers.ts';
import type { LiveChannel } from '../../../../src/api/live-channel.ts';
import { builtInPrices } from '../../../../src/costs/list-prices.ts';
import type { LiveNumber } from '../../../../src/server/cache/live-numbers.ts';
import { overviewSchema, type Overview } from '../../../../src/server/contract/overview.ts';
import { overviewOf } from '../../../../src/server/services/overview.ts';
import type { Alert } from '../../../../src/store/store.ts';
import { aCachedChannel } from '../../../support/server/cached-channel.ts';
import { aCachedPlatform } from '../../../support/server/cached-platform.ts';
import { relayNumbers } from '../../../support/server/live-numbers-examples.ts';

const now = new Date('2026-01-01T00:00:00Z');
const mux = aCachedPlatform('mux', { provider: 'mux', mux: {} });
const rtmp = aCachedPlatform('rtmp', {
  provider: 'rtmp',
  rtmp: {},
});
const hosted = [
  {
    ...{ type: 'HostPresent', status: 'True', reason: 'HostPresent', message: '' },
    lastTransitionTime: '2026-01-01T00:00:00Z',
  },
];

const onAir = (name: string, status: object = {}): LiveChannel =>
  aCachedChannel(name, {
    spec: { relay: { maxResolution: '720p' } },
    status: { streamingPlatform: 'mux', conditions: hosted, ...status },
  });
const live = (viewers: { agora?: number; hls?: number }, relay: Partial<RelayNumbers> = {}): LiveNumber => ({
  at: now,
  agoraViewers: viewers.agora,
  hlsViewers: viewers.hls,
  relay: relayNumbers(relay),
});

function overview(
  channels: readonly LiveChannel[],
  numbers: Record<string, LiveNumber>,
  alerts: readonly Alert[] | undefined = [],
): Overview {
  const found = overviewOf({
    channels,
    live: (id) => numbers[id],
    platform: (name) => [mux, rtmp].find(({ metadata }) => metadata.name === name),
    prices: builtInPrices,
    alerts,
    now,
  });
  return overviewSchema.parse(found);
}

/** At 720p: $0.2394 and $0.048 an hour for a viewer on Agora and on Mux, $1.50 for Mux's input. */
const { common } = builtInPrices;
const dollars = (micro: number): string => (micro / 1e6).toFixed(6);
const agora = common.agora[common.tier]['720p'];
const relay = agora + common.pod['720p'] + 1_500_000;

test('viewers and costs of channels on air are added up', () => {
  const channels = [onAir('a'), onAir('b')];
  const found = overview(channels, { a: live({ agora: 2, hls: 100 }), b: live({ agora: 0, hls: 10 }) });
  const nowCosts = 2 * (common.agoraHost + relay) + 2 * agora + 110 * 48_000;
  const alone = 2 * common.agoraHost + 112 * agora;
  expect(found).toMatchObject({
    channels: { total: 2, wanted: 2, onAir: 2 },
    viewers: { agora: 2, hls: 110, unknown: 0 },
    costs: {
      perHourUsd: dollars(nowCosts),
      agoraAlonePerHourUsd: dollars(alone),
      savedPerHourUsd: dollars(alone - nowCosts),
      unknown: 0,
    },
    health: { good: 2, fair: 0, poor: 0, unknown: 0 },
  });
});

test('the price is that of the resolution on air', () => {
  const height = (lines: number) => live({ agora: 0, hls: 100 }, { height: lines });
  const full = aCachedChannel('a', { status: { streamingPlatform: 'mux' } });
  const cost = (lines: number) => Number(overview([full], { a: height(lines) }).costs.perHourUsd);
  expect(cost(1_080)).toBeGreaterThan(cost(720));
});

test('what is unknown of some channels is counted, and makes a sum a lower bound', () => {
  const channels = [onAir('a'), onAir('uncounted'), onAir('silent')];
  const found = overview(channels, { a: live({ agora: 1, hls: 100 }), uncounted: live({ hls: 7 }) });
  expect(found.viewers).toEqual({ agora: 1, hls: 107, unknown: 2 });
  // An app that reports no viewers on Agora still sees what it pays for HLS.
  const known = 2 * (common.agoraHost + relay) + agora + 107 * 48_000;
  expect(found.costs).toMatchObject({ perHourUsd: dollars(known), unknown: 2 });
});

test('what is unknown of all channels is null, and without channels on air it is 0', () => {
  const unknown = { agora: null, hls: null, unknown: 1 };
  const costs = { perHourUsd: null, agoraAlonePerHourUsd: null, savedPerHourUsd: null, unknown: 1 };
  expect(overview([onAir('a')], {})).toMatchObject({ viewers: unknown, costs });
  const noPrices = onAir('a', { streamingPlatform: 'rtmp' });
  expect(overview([noPrices], { a: live({ agora: 1, hls: 2 }) })).toMatchObject({
    viewers: { agora: 1, hls: 2, unknown: 0 },
    costs,
  });
  const off = aCachedChannel('off', { spec: { suspend: true }, status: { relayStatus: 'stopped' } });
  expect(overview([off], {})).toMatchObject({
    channels: { total: 1, wanted: 0, onAir: 0 },
    viewers: { agora: 0, hls: 0, unknown: 0 },
    costs: { perHourUsd: '0.000000', savedPerHourUsd: '0.000000', unknown: 0 },
    health: { good: 0, fair: 0, poor: 0, unknown: 0 },
  });
});

test('viewers of a channel on HLS alone are known without a report of the app', () => {
  const found = overview([onAir('a', { effectiveStreamMode: 'hls-only' })], { a: live({ hls: 5 }) });
  expect(found.viewers).toEqual({ agora: 0, hls: 5, unknown: 0 });
  expect(found.costs.unknown).toBe(0);
});

test('health is that of the relay, and unknown until it reports', () => {
  const channels = [
    onAir('bad'),
    onAir('silent'),
    onAir('starting', { relayStatus: 'starting' }),
    onAir('failed', { relayStatus: 'error' }),
    onAir('written', { health: 'fair' }),
  ];
  expect(overview(channels, { bad: live({}, { health: 'poor' }) })).toMatchObject({
    channels: { total: 5, wanted: 5, onAir: 3 },
    health: { good: 0, fair: 2, poor: 2, unknown: 1 },
  });
});

test('a channel that is being deleted is not wanted', () => {
  const deleting = aCachedChannel('a', { metadata: { deletionTimestamp: '2026-01-01T00:00:00Z' } });
  expect(overview([deleting], {}).channels).toEqual({ total: 1, wanted: 0, onAir: 1 });
});

test('alerts are counted by severity, and null while they are unknown', () => {
  const alert = (severity: Alert['severity']): Alert => ({
    ...{ id: '1', namespace: 'shop', channelId: 'a', raisedAt: now, resolvedAt: undefined },
    ...{ kind: 'ChannelOffAir', severity, message: '', occasion: '' },
  });
  const alerts = [alert('critical'), alert('critical'), alert('warning')];
  expect(overview([], {}, alerts).alerts).toEqual({ critical: 2, warning: 1, info: 0 });
  const unknown = overviewOf({
    ...{ channels: [], live: () => undefined, platform: () => undefined },
    ...{ prices: builtInPrices, alerts: undefined, now },
  });
  expect(overviewSchema.parse(unknown).alerts).toBeNull();
});
