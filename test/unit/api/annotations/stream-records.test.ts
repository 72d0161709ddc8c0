import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { annotations } from '../../../../src/api/names.ts';
import {
  sameStream,
  activeRecord,
  streamRecordAnnotations,
  streamRecords,
  type StreamRecord,
} from '../../../../src/api/annotations/stream-records.ts';
import { aChannel, aRecord, at, withoutId, withoutSlot } from '../../../support/channel/channel-examples.ts';

/** A channel with this value of the annotation. */
const noting = (text: string): ReturnType<typeof aChannel> =>
  aChannel({ metadata: { annotations: { [annotations.streams]: text } } });
const memory = (streams: unknown, channel = 'channel-uid'): string => JSON.stringify({ channel, streams });

const anyRecord: fc.Arbitrary<StreamRecord> = fc
  .record(
    {
      role: fc.constantFrom('active', 'incoming', 'draining'),
      platform: fc.string({ minLength: 1 }),
      name: fc.string({ minLength: 1 }),
      attempt: fc.string({ minLength: 1 }),
      since: fc.constant(at(0)),
      slot: fc.constantFrom(0, 1),
      id: fc.string(),
      until: fc.constant(at(30)),
      rotated: fc.string(),
      insteadOf: fc.string(),
      returnAt: fc.constant(at(300)),
    },
    { requiredKeys: ['role', 'platform', 'name', 'attempt', 'since'] },
  )
  .map((record) => ({ ...record })); // fast-check's objects may have no prototype

describe('stream records', () => {
  test('are read back as written', () => {
    fc.assert(
      fc.property(fc.array(anyRecord, { minLength: 1, maxLength: 4 }), (records) => {
        expect(streamRecords(aChannel({ records }))).toEqual(records);
      }),
    );
  });

  test('remove the annotation when there is no record', () => {
    expect(streamRecordAnnotations('channel-uid', [])).toEqual({});
    expect(streamRecords(aChannel({ records: [] }))).toEqual([]);
  });

  test('of another channel, copied with a manifest, are ignored', () => {
    expect(streamRecords(noting(memory([aRecord()])))).toEqual([aRecord()]);
    expect(streamRecords(noting(memory([aRecord()], 'another-uid')))).toEqual([]);
  });

  test.each<[string, string]>([
    ['not JSON', '{"channel":'],
    ['empty', ''],
    ['JSON of another type', '"channel-uid"'],
    ['nothing', 'null'],
    ['an array', '[]'],
    ['no streams', '{"channel":"channel-uid"}'],
    ['a role that this version does not know', memory([{ ...aRecord(), role: 'standby' }])],
    ['a slot that does not exist', memory([{ ...aRecord(), slot: 2 }])],
    ['a stream without a platform', memory([{ ...aRecord(), platform: '' }])],
    ['a stream with an empty attempt', memory([{ ...aRecord(), attempt: '' }])],
  ])('are ignored when the annotation is invalid: %s', (_, text) => {
    expect(streamRecords(noting(text))).toEqual([]);
    expect(activeRecord(noting(text))).toBeUndefined();
  });
});

test('activeRecord returns the active stream', () => {
  const records = [aRecord({ role: 'draining' }), aRecord({ name: 'lc-new' }), aRecord({ role: 'incoming' })];
  expect(activeRecord(aChannel({ records }))).toEqual(records[1]);
});

test('sameStream compares platform and name only', () => {
  const record = aRecord();
  expect(sameStream(record, withoutSlot(withoutId({ ...record, role: 'draining', attempt: 'second' })))).toBe(
    true,
  );
  expect(sameStream(record, aRecord({ platform: 'other' }))).toBe(false);
  expect(sameStream(record, aRecord({ name: 'lc-low-latency' }))).toBe(false);
});
