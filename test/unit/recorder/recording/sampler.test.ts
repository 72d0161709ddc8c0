import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { LiveChannel } from '../../../../src/api/live-channel.ts';
import { FakeClock } from '../../../../src/base/testing/fake-clock.ts';
import { Sampler } from '../../../../src/recorder/recording/sampler.ts';
import type { Seen } from '../../../../src/recorder/recording/take-sample.ts';
import type { Sample } from '../../../../src/store/store.ts';
import { aChannel, aReport } from '../../../support/channel/channel-examples.ts';

const onAir = { relayStatus: 'active', streamingPlatform: 'origin' } as const;
const nothing: Seen = { report: undefined, hlsViewers: undefined, agoraViewers: undefined };

let clock: FakeClock;
let channels: LiveChannel[];
let seen: Seen;
let samples: Sample[];
let stop: AbortController;
let run: Promise<void>;

function begin(): void {
  stop = new AbortController();
  const sampler = new Sampler({
    clock,
    intervalMs: 10_000,
    channels: {
      list: () => channels,
      get: ({ namespace, name }) =>
        channels.find(({ metadata }) => metadata.namespace === namespace && metadata.name === name),
    },
    see: () => seen,
    onSampled: ({ sample }) => {
      if (sample !== undefined) samples.push(sample);
    },
  });
  run = sampler.run(stop.signal);
}
async function end(): Promise<void> {
  stop.abort();
  await clock.advance(0);
  await run;
}

beforeEach(() => {
  clock = new FakeClock();
  channels = [aChannel({ status: onAir })];
  seen = nothing;
  samples = [];
  begin();
});
afterEach(end);

test('each channel is sampled once in an interval, the same time apart', async () => {
  await clock.advance(39_999);
  expect(samples).toHaveLength(4);
  const times = samples.map(({ at }) => at.getTime());
  expect(times.slice(1).map((time, index) => time - (times[index] ?? 0))).toEqual([10_000, 10_000, 10_000]);
});

test('what nobody knows stays unknown, and is not 0', async () => {
  await clock.advance(10_000);
  expect(samples[0]).toMatchObject({
    agoraViewers: undefined,
    hlsViewers: undefined,
    bitrateKbps: undefined,
    relayHealth: undefined,
  });
});

test('a sample says what relay, platform and app said', async () => {
  seen = { report: aReport({ outBitrateKbps: 2_499.6, health: 'fair' }), hlsViewers: 0, agoraViewers: 3 };
  await clock.advance(10_000);
  expect(samples[0]).toMatchObject({
    namespace: 'shop',
    channelId: 'show',
    agoraViewers: 3,
    hlsViewers: 0,
    bitrateKbps: 2_500,
    relayHealth: 'fair',
    relayStatus: 'active',
    platform: 'origin',
  });
});

describe('a gap comes before', () => {
  test('the first sample that a leader takes', async () => {
    await clock.advance(30_000);
    expect(samples.map(({ afterGap }) => afterGap)).toEqual([true, false, false]);
    await end();
    begin();
    await clock.advance(20_000);
    expect(samples.slice(3).map(({ afterGap }) => afterGap)).toEqual([true, false]);
  });

  test('the first sample after the channel was off air for a while, and not after a moment', async () => {
    await clock.advance(10_000);
    channels = [aChannel({ spec: { suspend: true }, status: { relayStatus: 'stopped' } })];
    await clock.advance(10_000);
    channels = [aChannel({ status: onAir })];
    await clock.advance(10_000);
    channels = [aChannel({ spec: { suspend: true }, status: { relayStatus: 'stopped' } })];
    await clock.advance(30_000);
    channels = [aChannel({ status: onAir })];
    await clock.advance(10_000);
    expect(samples.map(({ afterGap }) => afterGap)).toEqual([true, false, true]);
  });

  test('the first sample of another channel of the same name', async () => {
    await clock.advance(10_000);
    channels = [aChannel({ status: onAir, metadata: { uid: 'another' } })];
    await clock.advance(20_000);
    expect(samples.slice(0, 2).map(({ afterGap }) => afterGap)).toEqual([true, true]);
  });
});

test.each<[string, LiveChannel, Seen, boolean]>([
  ['one that is to be on air', aChannel(), nothing, true],
  [
    'one that is suspended and still on air',
    aChannel({ spec: { suspend: true }, status: onAir }),
    nothing,
    true,
  ],
  ['not one that is suspended', aChannel({ spec: { suspend: true } }), nothing, false],
  [
    'not one on Agora alone of which nobody tells',
    aChannel({ spec: { streamMode: 'agora-only' } }),
    nothing,
    false,
  ],
  [
    'one on Agora alone of whose viewers the app tells',
    aChannel({ spec: { streamMode: 'agora-only' } }),
    { ...nothing, agoraViewers: 0 },
    true,
  ],
  ['not one that is being deleted', aChannel({ status: onAir, deleting: true }), nothing, false],
])('is sampled: %s', async (_, channel, its, sampled) => {
  channels = [channel];
  seen = its;
  await clock.advance(10_000);
  expect(samples).toHaveLength(sampled ? 1 : 0);
});
