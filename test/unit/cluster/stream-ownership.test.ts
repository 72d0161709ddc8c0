import { expect, test } from '@jest/globals';
import type { StreamRecord } from '../../../src/api/stream-records.ts';
import { streamOwnership, type StreamOwnership } from '../../../src/cluster/stream-ownership.ts';
import { streamId, type StreamOwner } from '../../../src/platforms/platform.ts';
import { channel, record } from '../../support/platforms/listed-streams.ts';

const created: StreamOwner = {
  clusterId: 'c',
  platform: 'ivs',
  channelUid: 'uid-auction',
  channel: 'shop/auction',
};
const { id: _, ...unanswered } = record();

test.each<[what: string, owner: StreamOwner | undefined, records: StreamRecord[], StreamOwnership]>([
  ['recorded by ID', created, [record()], 'owned'],
  ['recorded in any role', created, [record({ role: 'draining', name: 'old' })], 'owned'],
  ['recorded beside another', created, [record({ name: 'lc-2', id: 'stream-2' }), record()], 'owned'],
  ['recorded by name, its ID not yet known', created, [unanswered], 'owned'],
  ['of another name than the record without an ID', created, [{ ...unanswered, name: 'lc-2' }], 'stray'],
  ['of the name of a record with another ID', created, [record({ id: 'stream-2' })], 'stray'],
  ['recorded on another platform', created, [record({ platform: 'mux' })], 'stray'],
  ['being created on another platform', created, [{ ...unanswered, platform: 'mux' }], 'stray'],
  ['of a channel without records', created, [], 'stray'],
  [
    'tagged with a platform that is gone, recorded',
    { ...created, platform: 'gone' },
    [record({ platform: 'gone' })],
    'owned',
  ],
  [
    'tagged with no platform, recorded on the one that lists it',
    { ...created, platform: '' },
    [record()],
    'owned',
  ],
  [
    'tagged with no platform, recorded on another',
    { ...created, platform: '' },
    [record({ platform: 'mux' })],
    'stray',
  ],
  ['of an earlier channel of that name', { ...created, channelUid: 'uid-before' }, [record()], 'orphan'],
  ['without an owner', undefined, [record()], 'orphan'],
])('a stream %s', (_what, owner, records, expected) => {
  const stream = { id: streamId('stream-1'), name: 'lc-1', owner };
  expect(streamOwnership(stream, 'ivs', channel('auction', records))).toBe(expected);
});

test('a stream whose channel is gone', () => {
  const stream = { id: streamId('stream-1'), name: 'lc-1', owner: created };
  expect(streamOwnership(stream, 'ivs', undefined)).toBe('orphan');
});

test('a stream of a channel whose records are lost', () => {
  const { status: _, ...lost } = channel('auction', [record()]);
  const stream = { id: streamId('stream-2'), name: 'lc-2', owner: created };
  expect(streamOwnership(stream, 'ivs', lost)).toBe('owned');
});
