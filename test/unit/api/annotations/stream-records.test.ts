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

/** A channel whose annotation says so. */
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

describe('what a channel remembers of its streams', () => {
  test('is what was written, whatever that was', () => {
    fc.assert(
      fc.property(fc.array(anyRecord, { minLength: 1, maxLength: 4 }), (records) => {
        expect(streamRecords(aChannel({ records }))).toEqual(records);
      }),
    );
  });

  test('is nothing where nothing is to be remembered, not even an empty annotation', () => {
    expect(streamRecordAnnotations('channel-uid', [])).toEqual({});
    expect(streamRecords(aChannel({ records: [] }))).toEqual([]);
  });

  test('is not another channel’s, whose manifest it was made from', () => {
    expect(streamRecords(noting(memory([aRecord()])))).toEqual([aRecord()]);
    expect(streamRecords(noting(memory([aRecord()], 'another-uid')))).toEqual([]);
  });

  test.each<[string, string]>([
    ['no JSON', '{"channel":'],
    ['empty', ''],
    ['JSON of another kind', '"channel-uid"'],
    ['nothing', 'null'],
    ['a list', '[]'],
    ['without streams', '{"channel":"channel-uid"}'],
    ['of a role that this version does not know', memory([{ ...aRecord(), role: 'standby' }])],
    ['of a slot that there is not', memory([{ ...aRecord(), slot: 2 }])],
    ['of a stream without a platform', memory([{ ...aRecord(), platform: '' }])],
    ['of a stream with an empty wish', memory([{ ...aRecord(), attempt: '' }])],
  ])('is nothing where the annotation is not to be read: %s', (_, text) => {
    expect(streamRecords(noting(text))).toEqual([]);
    expect(activeRecord(noting(text))).toBeUndefined();
  });
});

test('the active one is told from the others', () => {
  const records = [aRecord({ role: 'draining' }), aRecord({ name: 'lc-new' }), aRecord({ role: 'incoming' })];
  expect(activeRecord(aChannel({ records }))).toEqual(records[1]);
});

test('a stream is itself whatever is known of it, and another one on another platform or of another name', () => {
  const record = aRecord();
  expect(sameStream(record, withoutSlot(withoutId({ ...record, role: 'draining', attempt: 'second' })))).toBe(
    true,
  );
  expect(sameStream(record, aRecord({ platform: 'other' }))).toBe(false);
  expect(sameStream(record, aRecord({ name: 'lc-low-latency' }))).toBe(false);
});
