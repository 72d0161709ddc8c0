import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { StreamHint } from '../../../../src/api/annotations/legacy-stream-records.ts';
import type { LiveChannelStatus } from '../../../../src/api/live-channel.ts';
import { MAX_STREAM_RECORDS, streamRecordSchema } from '../../../../src/api/stream-record.ts';
import { slotsOf } from '../../../../src/api/stream-records.ts';
import {
  recoveredRecords,
  type FoundStream,
  type LostMemory,
} from '../../../../src/channel/plan/recovered-records.ts';
import { aChannel, aRecord, at, later, now, withoutId } from '../../../support/channel/channel-examples.ts';

const lost = (status?: LiveChannelStatus, rotateKey?: string): LostMemory['channel'] => {
  const { status: _, ...channel } = aChannel(rotateKey === undefined ? {} : { rotateKey });
  return status === undefined ? channel : { ...channel, status };
};
const aFound = (difference: Partial<FoundStream> = {}): FoundStream => ({
  platform: 'origin',
  name: 'lc-origin',
  id: 's-1',
  createdAt: later(-600),
  ...difference,
});
const onOther = aFound({ platform: 'other', name: 'lc-other', id: 's-2', createdAt: later(-60) });
const desired = { platform: 'origin', name: 'lc-origin' };

function recover(
  streams: readonly FoundStream[],
  memory: Partial<LostMemory> = {},
): ReturnType<typeof recoveredRecords> {
  return recoveredRecords(streams, { channel: lost(), hints: [], desired, slot: undefined, ...memory }, now);
}
const roles = (records: ReturnType<typeof recover>): string[] =>
  records.map(({ role, id }) => `${role} ${id ?? ''}`);

describe('viewers stay', () => {
  test('on the stream in the status', () => {
    const status = { streamId: 's-2', streamingPlatform: 'other' };
    expect(roles(recover([aFound(), onOther], { channel: lost(status) }))).toEqual([
      'active s-2',
      'draining s-1',
    ]);
  });

  test('not on a stream of another platform with the same ID', () => {
    const status = { streamId: 's-1', streamingPlatform: 'other' };
    expect(roles(recover([aFound(), onOther], { channel: lost(status) }))[0]).toBe('active s-1');
  });

  test('on the stream that the channel should have', () => {
    expect(roles(recover([onOther, aFound()]))).toEqual(['active s-1', 'draining s-2']);
  });

  test('on the newest one otherwise', () => {
    expect(roles(recover([onOther, aFound()], { desired: undefined }))).toEqual([
      'active s-2',
      'draining s-1',
    ]);
  });
});

test('without streams there are no records', () => {
  expect(recover([])).toEqual([]);
});

test('the relay that runs keeps its slot, and no key is rotated again', () => {
  expect(recover([aFound()], { slot: 1, channel: lost(undefined, 'monday') })).toMatchObject([
    { role: 'active', slot: 1, rotated: 'monday' },
  ]);
});

test('an idle relay stays idle', () => {
  const relay = { restarts: 0, idleSince: '2026-03-01T11:00:00Z' };
  expect(recover([aFound()], { channel: lost({ relay }) })).toMatchObject([
    { idle: { why: 'no-host', since: '2026-03-01T11:00:00.000Z' } },
  ]);
  expect(recover([aFound()], { channel: lost({ relay, effectiveStreamMode: 'agora-only' }) })).toMatchObject([
    { idle: { why: 'agora' } },
  ]);
});

test('of two streams of one name, the one in the status is kept, or the older one', () => {
  const second = aFound({ id: 's-3', createdAt: later(-10) });
  expect(roles(recover([second, aFound()]))).toEqual(['active s-1']);
  const status = { streamId: 's-3', streamingPlatform: 'origin' };
  expect(roles(recover([second, aFound()], { channel: lost(status) }))).toEqual(['active s-3']);
});

describe('what an earlier version noted', () => {
  const hint = (difference: Partial<StreamHint> = {}): StreamHint => withoutId(aRecord(difference));
  const incoming = hint({ role: 'incoming', platform: 'other', name: 'lc-other', slot: 1 });

  test('is kept for the streams that were found', () => {
    const active = hint({ slot: 1, epoch: 7, standby: { slot: 0, since: at(0) }, rotated: 'x' });
    expect(recover([aFound()], { hints: [active] })).toEqual([{ ...active, id: 's-1' }]);
    expect(recover([aFound(), onOther], { hints: [hint(), incoming] })).toEqual([
      { ...hint(), id: 's-1' },
      { ...incoming, id: 's-2' },
    ]);
  });

  test('is dropped for others', () => {
    expect(roles(recover([aFound()], { hints: [hint(), incoming] }))).toEqual(['active s-1']);
  });

  test('does not decide where viewers are', () => {
    const status = { streamId: 's-1', streamingPlatform: 'origin' };
    const hints = [hint({ role: 'draining', until: at(5) }), { ...incoming, role: 'active' } as const];
    const [first] = recover([aFound(), onOther], { hints, channel: lost(status) });
    expect(first).toMatchObject({ role: 'active', id: 's-1' });
    expect(first).not.toHaveProperty('until');
  });
});

test('the records are valid whatever is found: one is active, and no slot is used twice', () => {
  const role = fc.constantFrom('active', 'incoming', 'draining');
  const slot = fc.constantFrom(0, 1);
  const platform = fc.constantFrom('origin', 'other', 'away');
  const name = fc.constantFrom('lc-1', 'lc-2');
  const streams = fc.array(
    fc.record({
      platform,
      name,
      id: fc.stringMatching(/^s-[0-9]{1,3}$/),
      createdAt: fc.option(fc.date({ noInvalidDate: true }), { nil: undefined }),
    }),
    { maxLength: 8 },
  );
  const hints = fc.array(
    fc.record({ role, platform, name, slot, attempt: fc.constant('one'), since: fc.constant(at(-9)) }),
    { maxLength: 4 },
  );
  fc.assert(
    fc.property(streams, hints, fc.option(slot, { nil: undefined }), (found, noted, used) => {
      const records = recover(found, { hints: noted, slot: used });
      for (const record of records) streamRecordSchema.parse(record);
      expect(records.length).toBeLessThanOrEqual(MAX_STREAM_RECORDS);
      expect(records.filter((each) => each.role === 'active')).toHaveLength(found.length === 0 ? 0 : 1);
      const slots = records.flatMap((record) => slotsOf(record));
      expect(new Set(slots).size).toBe(slots.length);
    }),
  );
});
