import { expect, test } from '@jest/globals';
import { relayConfigSchema } from '../../../../src/api/relay-contract.ts';
import { relayConfig } from '../../../../src/channel/pod/relay-config.ts';
import { budgetAnnotation } from '../../../../src/api/annotations/cost-decisions.ts';
import { aBudgetChoice, aChannel, aPlatform } from '../../../support/channel/channel-examples.ts';

const appId = 'a'.repeat(32);
const configOf = (spec: object, platform = aPlatform): ReturnType<typeof relayConfig> =>
  relayConfig(
    aChannel({ spec: { agora: { credentialsRef: { name: 'agora' } }, ...spec } }),
    0,
    appId,
    platform,
    false,
  );

test('what is written is what the relay reads', () => {
  for (const hasCa of [false, true]) {
    const config = relayConfig(aChannel(), 0, appId, { ...aPlatform, takeover: 'ivs-priority' }, hasCa);
    expect(relayConfigSchema.parse(JSON.parse(JSON.stringify(config)))).toEqual(config);
    expect(config.ingest.caFile).toBe(hasCa ? '/etc/livechannel/ca.crt' : undefined);
    expect(config.ingest.takeover).toBe('ivs-priority');
  }
});

test('the Agora channel has the name of the resource unless the spec names another', () => {
  expect(configOf({}).agora.channelName).toBe('show');
  const agora = { credentialsRef: { name: 'agora' }, channelName: 'Other show', hostUid: 7 };
  expect(configOf({ agora }).agora).toMatchObject({ channelName: 'Other show', hostUid: 7 });
});

test.each<[string, number | undefined, number, number]>([
  ['the platform’s limit where the spec has none', undefined, 8_000, 8_000],
  ['the spec’s where it is lower', 3_000, 8_000, 3_000],
  ['the platform’s where that is lower', 50_000, 8_000, 8_000],
])('the bitrate is capped at %s', (_, asked, limit, expected) => {
  const relay = asked === undefined ? {} : { maxVideoBitrateKbps: asked };
  const platform = { ...aPlatform, maxVideoBitrateKbps: limit };
  expect(configOf({ relay }, platform).media.maxVideoBitrateKbps).toBe(expected);
});

test('media settings are passed on, and what the platform bears', () => {
  const relay = {
    maxResolution: '720p',
    keyframeIntervalSeconds: 4,
    mode: 'transcode',
    idle: { noHostSeconds: 60, holdLastFrameSeconds: 30 },
  };
  expect(configOf({ relay })).toMatchObject({
    media: {
      mode: 'transcode',
      maxHeight: 720,
      keyframeIntervalSeconds: 4,
      sizeChange: 'in-session',
      constantBitrate: false,
    },
    idle: { holdLastFrameSeconds: 30 },
  });
  const strict = { ...aPlatform, sizeChange: 'transcode', constantBitrate: true, maxHeight: 480 } as const;
  expect(configOf({ relay }, strict).media).toMatchObject({
    sizeChange: 'transcode',
    constantBitrate: true,
    maxHeight: 480,
  });
});

test('a relay that starts again is told its role', () => {
  const standby = relayConfig(aChannel(), 1, appId, aPlatform, false, {
    standby: true,
    epoch: 1_700_000_000,
  });
  expect(standby).toMatchObject({ standby: true, ingest: { epoch: 1_700_000_000 } });
  expect(relayConfigSchema.parse(JSON.parse(JSON.stringify(standby)))).toEqual(standby);
  expect(configOf({})).toMatchObject({ standby: false });
});

test.each<[string, object, number, object]>([
  ['from 1080p to 720p', {}, 1_080, { maxHeight: 720, mode: 'auto' }],
  ['from 720p to 480p', { maxResolution: '720p' }, 1_080, { maxHeight: 480 }],
  ['not below 480p', { maxResolution: '480p' }, 1_080, { maxHeight: 480 }],
  ['no higher than the platform has it', {}, 480, { maxHeight: 480 }],
  // Else the channel would be off air while the host's picture is larger.
  [
    'with pictures encoded again that were to be passed through',
    { mode: 'passthrough' },
    1_080,
    { mode: 'auto' },
  ],
  ['and those that are always encoded still are', { mode: 'transcode' }, 1_080, { mode: 'transcode' }],
])('a budget lowers the cap one step: %s', (_, relay, maxHeight, expected) => {
  const spec = { relay, budget: { usd: '12', per: 'month', actionAt100Percent: 'lower-cap' } };
  const noted = budgetAnnotation(aBudgetChoice({ action: 'lower-cap' }));
  const channel = aChannel({ spec, metadata: { annotations: noted } });
  expect(relayConfig(channel, 0, appId, { ...aPlatform, maxHeight }, false).media).toMatchObject(expected);
});
