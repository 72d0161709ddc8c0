import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { liveChannelStatusSchema } from '../../../src/api/live-channel.ts';
import { legacyStreamHints } from '../../../src/api/annotations/legacy-stream-records.ts';
import { annotations } from '../../../src/api/names.ts';
import { streamRecordSchema } from '../../../src/api/stream-record.ts';
import {
  activeRecord,
  annotationMark,
  memoryOf,
  sameStream,
  streamRecords,
  usesPlatform,
} from '../../../src/api/stream-records.ts';
import { aChannel, aRecord, withoutId, withoutSlot } from '../../support/channel/channel-examples.ts';

/** A channel of an earlier version, with this value of the annotation. */
const noting = (text: string): ReturnType<typeof aChannel> =>
  aChannel({ records: [], finalizers: [], metadata: { annotations: { [annotations.streams]: text } } });
const memory = (streams: unknown, channel = 'channel-uid'): string => JSON.stringify({ channel, streams });

describe('the schema of a record', () => {
  test.each<[string, object]>([
    ['a role that this version does not know', { role: 'standby' }],
    ['a slot that does not exist', { slot: 2 }],
    ['an empty platform', { platform: '' }],
    ['a platform that is no name', { platform: '../secrets' }],
    ['an empty attempt', { attempt: '' }],
    ['a long attempt', { attempt: 'a'.repeat(65) }],
    ['a name of another alphabet', { name: 'lc-1/keys' }],
    ['an ID with a space', { id: 'a b' }],
    ['an ID with a line break', { id: 'a\r\nb' }],
    ['a long ID', { id: 'a'.repeat(257) }],
    ['a time that is none', { until: 'x' }],
    ['a time that never was', { until: '2026-02-30T00:00:00Z' }],
    ['an empty time', { since: '' }],
    ['a negative epoch', { epoch: -1 }],
    ['an epoch that is no whole number', { epoch: 1.5 }],
    ['a huge epoch', { epoch: 2 ** 40 }],
    ['a long mark', { rotated: 'x'.repeat(65) }],
    ['a digest that is none', { provisioned: { ...aRecord().provisioned, ingestDigest: 'x' } }],
  ])('rejects %s', (_, difference) => {
    expect(streamRecordSchema.safeParse(aRecord()).success).toBe(true);
    expect(streamRecordSchema.safeParse({ ...aRecord(), ...difference }).success).toBe(false);
  });

  test('accepts only times that are numbers', () => {
    fc.assert(
      fc.property(fc.string(), (until) => {
        const parsed = streamRecordSchema.safeParse({ ...aRecord(), until });
        if (parsed.success) expect(Date.parse(parsed.data.until ?? '')).not.toBeNaN();
      }),
    );
  });

  test('allows four records', () => {
    const status = (count: number) =>
      liveChannelStatusSchema.safeParse({ streams: Array.from({ length: count }, () => aRecord()) });
    expect([status(4).success, status(5).success]).toEqual([true, false]);
  });
});

describe('the memory of a channel', () => {
  test('is kept while the status has records, also none', () => {
    expect(memoryOf(aChannel())).toBe('kept');
    expect(memoryOf(aChannel({ records: [] }))).toBe('kept');
  });

  test('is lost without them, if there has been a stream', () => {
    const { status: _, ...lost } = aChannel();
    expect(memoryOf(lost)).toBe('lost');
    const old = aChannel({ records: [], finalizers: [], status: { streamId: 's-1' } });
    expect(memoryOf(old)).toBe('lost');
    expect(memoryOf(noting(memory([])))).toBe('lost');
  });

  test('is new otherwise', () => {
    expect(memoryOf(aChannel({ records: [], finalizers: [] }))).toBe('new');
    expect(memoryOf(aChannel({ records: [], finalizers: [], status: { health: 'good' } }))).toBe('new');
  });

  test('names the platforms that have its streams, or had one before it was lost', () => {
    expect(usesPlatform(aChannel(), 'origin')).toBe(true);
    expect(usesPlatform(aChannel(), 'other')).toBe(false);
    const { status: _, ...lost } = aChannel();
    expect(usesPlatform({ ...lost, status: { streamingPlatform: 'other' } }, 'other')).toBe(true);
  });

  test('is not in the metadata', () => {
    expect(streamRecords(noting(memory([aRecord()])))).toEqual([]);
    expect(activeRecord(noting(memory([aRecord()])))).toBeUndefined();
  });
});

describe('the annotation of earlier versions', () => {
  const { id: _id, provisioned: _provisioned, ...hint } = aRecord();

  test('contains hints, and never an ID', () => {
    expect(legacyStreamHints(noting(memory([aRecord()])))).toEqual([hint]);
  });

  test('is ignored if it is of another channel, copied with a manifest', () => {
    expect(legacyStreamHints(noting(memory([aRecord()], 'another-uid')))).toEqual([]);
  });

  test.each<[string, string]>([
    ['not JSON', '{"channel":'],
    ['empty', ''],
    ['JSON of another type', '"channel-uid"'],
    ['nothing', 'null'],
    ['an array', '[]'],
    ['no streams', '{"channel":"channel-uid"}'],
    ['too many streams', memory(Array.from({ length: 5 }, () => aRecord()))],
    ['too long', memory([{ ...aRecord(), more: 'x'.repeat(20_000) }])],
    ['a record that is not valid', memory([{ ...aRecord(), until: 'x' }])],
  ])('is ignored if it is invalid: %s', (_, text) => {
    expect(legacyStreamHints(noting(text))).toEqual([]);
  });
});

test('a long value of an annotation is recorded as a digest', () => {
  const channel = (value: string) => aChannel({ metadata: { annotations: { x: value } } });
  expect(annotationMark(channel('2026-03-01'), 'x')).toBe('2026-03-01');
  expect(annotationMark(aChannel(), 'x')).toBeUndefined();
  fc.assert(
    fc.property(fc.string({ maxLength: 200 }), (value) => {
      const rotated = annotationMark(channel(value), 'x');
      expect(streamRecordSchema.safeParse({ ...aRecord(), rotated }).success).toBe(true);
    }),
  );
  expect(annotationMark(channel('a'.repeat(100)), 'x')).not.toBe(
    annotationMark(channel('a'.repeat(101)), 'x'),
  );
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
