import { expect, test } from '@jest/globals';
import { relayConfigSchema } from '../../../../src/api/relay-contract.ts';
import { relayConfig } from '../../../../src/channel/pod/relay-config.ts';
import { budgetAnnotation } from '../../../../src/api/annotations/cost-decisions.ts';
import {
  aBudgetChoice,
  aChannel,
  aPassedToken,
  aPlatform,
  credentials,
} from '../../../support/channel/channel-examples.ts';

const configOf = (spec: object, platform = aPlatform): ReturnType<typeof relayConfig> =>
  relayConfig(
    aChannel({ spec: { agora: { credentialsRef: { name: 'agora' } }, ...spec } }),
    0,
    credentials,
    platform,
    false,
  );

test('the written configuration is read back by the relay', () => {
  for (const hasCa of [false, true]) {
    const config = relayConfig(aChannel(), 0, credentials, { ...aPlatform, takeover: 'ivs-priority' }, hasCa);
    expect(relayConfigSchema.parse(JSON.parse(JSON.stringify(config)))).toEqual(config);
    expect(config.ingest.caFile).toBe(hasCa ? '/etc/livechannel/ca.crt' : undefined);
    expect(config.ingest.takeover).toBe('ivs-priority');
  }
});

test('the Agora channel has the name of the resource unless the spec sets another', () => {
  expect(configOf({}).agora.channelName).toBe('show');
  const agora = { credentialsRef: { name: 'agora' }, channelName: 'Other show', hostUid: 7 };
  expect(configOf({ agora }).agora).toMatchObject({ channelName: 'Other show', hostUid: 7 });
});

test('without an App Certificate, the relay joins without a token', () => {
  const config = relayConfig(aChannel(), 0, { ...credentials, token: { from: 'none' } }, aPlatform, false);
  expect(config.agora).not.toHaveProperty('tokenFile');
  expect(relayConfigSchema.parse(JSON.parse(JSON.stringify(config)))).toEqual(config);
});

test("the relay joins with the uid that the app's token permits, and with its own if it permits every uid", () => {
  const uidOf = (uid: number | undefined): number =>
    relayConfig(aChannel(), 0, { ...credentials, token: aPassedToken({ uid }) }, aPlatform, false).agora.uid;
  expect(uidOf(7)).toBe(7);
  expect(uidOf(undefined)).toBe(configOf({}).agora.uid);
});

test.each<[string, number | undefined, number, number]>([
  ['the platform’s limit, without one in the spec', undefined, 8_000, 8_000],
  ['the spec’s limit, if it is lower', 3_000, 8_000, 3_000],
  ['the platform’s limit, if it is lower', 50_000, 8_000, 8_000],
])('the bitrate is capped at %s', (_, specLimit, limit, expected) => {
  const relay = specLimit === undefined ? {} : { maxVideoBitrateKbps: specLimit };
  const platform = { ...aPlatform, maxVideoBitrateKbps: limit };
  expect(configOf({ relay }, platform).media.maxVideoBitrateKbps).toBe(expected);
});

test('media settings and platform capabilities are passed on', () => {
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

test('the configuration contains the role for the next start', () => {
  const standby = relayConfig(aChannel(), 1, credentials, aPlatform, false, {
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
  ["no higher than the platform's limit", {}, 480, { maxHeight: 480 }],
  // Otherwise the channel would be off air while the host's video is larger.
  ['with passthrough replaced by transcoding', { mode: 'passthrough' }, 1_080, { mode: 'auto' }],
  ['and with video that is always transcoded', { mode: 'transcode' }, 1_080, { mode: 'transcode' }],
])('a budget lowers the resolution cap by one step: %s', (_, relay, maxHeight, expected) => {
  const spec = { relay, budget: { usd: '12', per: 'month', actionAt100Percent: 'lower-cap' } };
  const noted = budgetAnnotation(aBudgetChoice({ action: 'lower-cap' }));
  const channel = aChannel({ spec, metadata: { annotations: noted } });
  expect(relayConfig(channel, 0, credentials, { ...aPlatform, maxHeight }, false).media).toMatchObject(
    expected,
  );
});
