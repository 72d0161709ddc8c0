import { expect, test } from '@jest/globals';
import {
  connection,
  unknownConnection,
  type ConnectionFacts,
} from '../../../../src/web/player/core/connection.ts';

const good: ConnectionFacts = {
  now: 0,
  online: true,
  started: true,
  bandwidth: 10_000_000,
  bitrate: 2_000_000,
  bufferedSeconds: 4,
  stallsInLastMinute: 0,
  droppedShare: 0,
};

test.each([
  ['good', undefined, {}],
  ['poor', 'offline', { online: false, started: false }],
  ['unknown', undefined, { started: false }],
  ['fair', 'stalls', { stallsInLastMinute: 1 }],
  ['poor', 'stalls', { stallsInLastMinute: 3 }],
  ['fair', 'slow-network', { bandwidth: 2_100_000, bufferedSeconds: 1 }],
  ['poor', 'slow-network', { bandwidth: 1_000_000, bufferedSeconds: 1 }],
  ['good', undefined, { bandwidth: 1_000_000, bufferedSeconds: 8 }],
  ['fair', 'dropped-frames', { droppedShare: 0.06 }],
  ['poor', 'slow-network', { droppedShare: 0.06, bandwidth: 1_000_000, bufferedSeconds: 1 }],
  ['good', undefined, { bandwidth: undefined, droppedShare: undefined, bufferedSeconds: 0 }],
] as const)('the connection is %s (%s) with %j', (quality, cause, changes) => {
  expect(connection({ ...good, ...changes }, unknownConnection).view).toEqual({ quality, cause });
});

test('it warns at once, and clears after ten seconds without a reason', () => {
  const poor = connection({ ...good, now: 1_000, stallsInLastMinute: 3 }, unknownConnection);
  expect(poor.view.quality).toBe('poor');
  const waiting = connection({ ...good, now: 2_000 }, poor);
  expect(waiting.view.quality).toBe('poor');
  const again = connection({ ...good, now: 11_000, stallsInLastMinute: 3 }, waiting);
  expect(connection({ ...good, now: 12_500 }, again).view.quality).toBe('poor');
  expect(connection({ ...good, now: 12_000 }, waiting).view.quality).toBe('good');
});
