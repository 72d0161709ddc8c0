import { describe, expect, test } from '@jest/globals';
import { channelViewSchema } from '../../../../src/api/channel-view.ts';
import { relayStateSchema } from '../../../../src/server/contract/relay-view.ts';
import { channelView, healthOf, relayView } from '../../../../src/channel/views/channel-view.ts';
import { noRelay } from '../../../../src/server/services/no-relay.ts';
import { aCachedChannel } from '../../../support/server/cached-channel.ts';

describe('the health of a relay', () => {
  test.each([
    ['on air, as reported', { status: 'active', reportedHealth: 'fair' }, 'fair'],
    ['on air, without a report', { status: 'active', reportedHealth: null }, 'good'],
    ['on air and poor', { status: 'active', reportedHealth: 'poor' }, 'poor'],
    ['off air as requested', { status: 'stopped', wanted: false, reportedHealth: null }, 'good'],
    [
      'off air as requested, with an outdated poor health',
      { status: 'stopped', wanted: false, reportedHealth: 'poor' },
      'good',
    ],
    ['idle', { status: 'stopped', idleSince: '2026-01-01T00:00:00.000Z', reportedHealth: null }, 'good'],
    ['about to start', { status: 'stopped', reportedHealth: null }, 'fair'],
    ['starting', { status: 'starting', reportedHealth: null }, 'fair'],
    ['in error', { status: 'error', reportedHealth: 'good' }, 'poor'],
    ['in error and off air as requested', { status: 'error', wanted: false, reportedHealth: null }, 'poor'],
  ] as const)('%s: %j is %s', (_, view, health) => {
    expect(healthOf({ wanted: true, idleSince: null, ...view })).toBe(health);
  });
});

describe('the numbers of a relay', () => {
  test('are numbers while they are unknown, and a second member says so', () => {
    expect(relayView(aCachedChannel('show'), undefined)).toMatchObject({
      isActive: true,
      viewerCount: 0,
      viewersKnown: false,
      hlsViewers: null,
      agoraViewers: null,
      bitrate: 0,
      bitrateKbps: null,
      health: 'good',
      reportedHealth: null,
    });
    const numbers = { hlsViewers: 0, agoraViewers: undefined, bitrateKbps: 2_500, relayHealth: undefined };
    expect(relayView(aCachedChannel('show'), numbers)).toMatchObject({
      viewerCount: 0,
      viewersKnown: true,
      hlsViewers: 0,
      bitrate: 2_500,
      bitrateKbps: 2_500,
    });
  });

  test.each([
    ['hybrid', undefined, undefined, 0, false],
    ['hybrid', 40, undefined, 40, true],
    ['hybrid', 40, 2, 42, true],
    ['hybrid', undefined, 2, 2, false], // An unknown number of viewers is on HLS.
    ['hybrid', 0, undefined, 0, true],
    ['agora-only', undefined, undefined, 0, false],
    ['agora-only', undefined, 2, 2, true],
    ['agora-only', 3, 2, 5, true], // The last viewers are on HLS.
  ])(
    'viewers in %s with %s on HLS and %s on Agora: %s, known: %s',
    (effectiveStreamMode, hlsViewers, agoraViewers, viewerCount, viewersKnown) => {
      const numbers = { hlsViewers, agoraViewers, bitrateKbps: undefined, relayHealth: undefined };
      const channel = aCachedChannel('show', { status: { effectiveStreamMode } });
      expect(relayView(channel, numbers)).toMatchObject({ viewerCount, viewersKnown });
    },
  );
});

test('a channel that does not exist has a relay that is stopped as it should be', () => {
  expect(relayStateSchema.parse(noRelay)).toEqual(noRelay);
  expect(noRelay).toMatchObject({ isActive: false, status: 'stopped', health: 'good', channelExists: false });
});

test.each([
  [{}, { maxResolution: '1080p', maxVideoBitrateKbps: null, standby: false }],
  [
    { replicas: 2, maxResolution: '720p', maxVideoBitrateKbps: 2_500 },
    { maxResolution: '720p', maxVideoBitrateKbps: 2_500, standby: true },
  ],
])('a channel whose relay is set to %j has %j in its view', (relay, settings) => {
  const view = channelView(aCachedChannel('show', { spec: { relay } }), undefined);
  expect(channelViewSchema.parse(view)).toMatchObject(settings);
});
