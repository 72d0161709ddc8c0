import { describe, expect, test } from '@jest/globals';
import type { IdleRecord } from '../../../../src/api/stream-records.ts';
import type { LiveChannel } from '../../../../src/api/live-channel.ts';
import { availabilityOf, type Availability } from '../../../../src/recorder/recording/availability.ts';
import { aChannel, aRecord } from '../../../support/channel/channel-examples.ts';

type Example = Parameters<typeof aChannel>[0];
const host = (status: 'True' | 'False' | 'Unknown'): NonNullable<LiveChannel['status']>['conditions'] => [
  {
    type: 'HostPresent',
    status,
    reason: status === 'True' ? 'HostPublishing' : 'WaitingForHost',
    message: '',
    lastTransitionTime: '2026-01-01T00:00:00Z',
  },
];

test.each<[string, Availability, Example]>([
  ['on air', 'on-air', { status: { relayStatus: 'active', conditions: host('True') } }],
  ['starting', 'off-air', { status: { relayStatus: 'starting', conditions: host('Unknown') } }],
  ['failing', 'off-air', { status: { relayStatus: 'error', conditions: host('Unknown') } }],
  ['not reconciled yet', 'off-air', {}],
  [
    'with a host, and no media yet',
    'off-air',
    { status: { relayStatus: 'starting', conditions: host('True') } },
  ],
  ['without a host', 'waiting', { status: { relayStatus: 'starting', conditions: host('False') } }],
  [
    'holding the last frame of a host',
    'on-air',
    { status: { relayStatus: 'active', conditions: host('False') } },
  ],
  ['suspended', 'off', { spec: { suspend: true } }],
  ['on Agora only', 'off', { spec: { streamMode: 'agora-only' } }],
])('a channel %s is %s', (_, state, example) => {
  expect(availabilityOf(aChannel(example))).toBe(state);
});

test('a channel that is being deleted should not be on air', () => {
  const channel = aChannel({ status: { relayStatus: 'active' } });
  const metadata = { ...channel.metadata, deletionTimestamp: '2026-01-01T00:00:00Z' };
  expect(availabilityOf({ ...channel, metadata })).toBe('off');
});

describe('the relay of an idle channel', () => {
  const since = '2026-01-01T00:00:00Z';
  const idle = (record: Partial<IdleRecord>, status: NonNullable<LiveChannel['status']>): LiveChannel =>
    aChannel({
      records: [aRecord({ idle: { since, why: 'no-host', ...record } })],
      status: { ...status, conditions: host('Unknown') },
    });
  test.each<[string, Availability, Partial<IdleRecord>, NonNullable<LiveChannel['status']>]>([
    ['does not run', 'off', {}, { relayStatus: 'stopped' }],
    ['starts to check for the host', 'waiting', { probingSince: since }, { relayStatus: 'starting' }],
    ['fails to start for it', 'waiting', { probingSince: since }, { relayStatus: 'error' }],
    ['has found the host', 'on-air', { probingSince: since }, { relayStatus: 'active' }],
    ['serves the last viewers', 'on-air', { why: 'agora', drainUntil: since }, { relayStatus: 'active' }],
    ['fails before they have left', 'off', { why: 'agora', drainUntil: since }, { relayStatus: 'error' }],
  ])('that %s: %s', (_, state, record, status) => {
    expect(availabilityOf(idle(record, status))).toBe(state);
  });
});
