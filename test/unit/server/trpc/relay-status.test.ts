import { describe, expect, test } from '@jest/globals';
import { relayStatusOf } from '../../../../src/server/trpc/relay-status.ts';
import { relayOnAir } from '../../../support/server/recording-services.ts';

describe('relay.status, as the app knows it', () => {
  test('on air it has what the relay says', () => {
    expect(relayStatusOf(relayOnAir)).toEqual({
      isActive: true,
      viewerCount: 42,
      bitrate: 2_500,
      health: 'fair',
    });
  });

  test('numbers that nobody knows are null, never 0', () => {
    const status = relayStatusOf({ ...relayOnAir, viewerCount: null, bitrateKbps: null });
    expect(status).toMatchObject({ viewerCount: null, bitrate: null });
    expect(relayStatusOf({ ...relayOnAir, viewerCount: 0 }).viewerCount).toBe(0);
  });

  test.each([
    ['on air, and has not said', { status: 'active', health: null }, 'good'],
    ['on air and poor', { status: 'active', health: 'poor' }, 'poor'],
    ['off air as asked', { status: 'stopped', wanted: false, health: null }, 'good'],
    [
      'off air as asked, with an old word of poor',
      { status: 'stopped', wanted: false, health: 'poor' },
      'good',
    ],
    ['resting', { status: 'stopped', idleSince: '2026-01-01T00:00:00.000Z', health: null }, 'good'],
    ['about to start', { status: 'stopped', health: null }, 'fair'],
    ['starting', { status: 'starting', health: null }, 'fair'],
    ['in error', { status: 'error', health: 'good' }, 'poor'],
    ['in error and asked to be off air', { status: 'error', wanted: false, health: null }, 'poor'],
  ] as const)('%s: %j is %s', (_, view, health) => {
    const status = relayStatusOf({ ...relayOnAir, ...view });
    expect(status).toMatchObject({ health, isActive: view.status === 'active' });
  });
});
