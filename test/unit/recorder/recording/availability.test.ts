import { expect, test } from '@jest/globals';
import type { LiveChannel } from '../../../../src/api/live-channel.ts';
import { availabilityOf, type Availability } from '../../../../src/recorder/recording/availability.ts';
import { aChannel } from '../../../support/channel/channel-examples.ts';

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
