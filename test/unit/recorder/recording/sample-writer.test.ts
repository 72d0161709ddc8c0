import { beforeEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { SampleBuffer } from '../../../../src/recorder/recording/sample-buffer.ts';
import { SampleWriter } from '../../../../src/recorder/recording/sample-writer.ts';
import type { Sample } from '../../../../src/store/store.ts';
import { after, aSample, storeError } from '../examples.ts';

const most = 5;
let buffer: SampleBuffer;
let batches: (readonly Sample[])[];
let refuse: (batch: readonly Sample[]) => Error | undefined;
let leaveOut: (sample: Sample) => boolean;
let writer: SampleWriter;
beforeEach(() => {
  buffer = new SampleBuffer(most);
  batches = [];
  refuse = () => undefined;
  leaveOut = () => false;
  writer = writerOf(buffer);
});

function writerOf(its: SampleBuffer): SampleWriter {
  const store = {
    addSamples: async (batch: readonly Sample[]) => {
      const error = refuse(batch);
      if (error !== undefined) throw error;
      batches.push(batch.filter((each) => !leaveOut(each)));
      return batch.filter(leaveOut);
    },
  };
  return new SampleWriter(its, store, { written: () => undefined, failed: () => undefined });
}
const away = (): Error => storeError('Unavailable');
/** Writes everything that can be written. */
async function drain(its = writer): Promise<void> {
  while (its.waiting > 0) await its.run().catch(() => undefined);
}

test('samples are written in the order in which they were taken', async () => {
  for (let second = 0; second < 4; second += 1) buffer.push(aSample({ at: after(second) }));
  await drain();
  expect(batches.flat().map(({ at }) => at)).toEqual([after(0), after(1), after(2), after(3)]);
});

test('without samples, the database is not used', async () => {
  await expect(writer.run()).resolves.toBe(false);
  expect(batches).toEqual([]);
});

test('samples are kept if the schema of the database does not fit', async () => {
  refuse = () => storeError('Invalid');
  buffer.push(aSample({ at: after(0) }));
  await expect(writer.run()).rejects.toThrow('Invalid');
  await expect(writer.run()).rejects.toThrow('Invalid');
  expect([writer.waiting, buffer.dropped]).toEqual([1, 0]);
});

describe('during an outage of the database', () => {
  test('samples are kept, and are written afterwards', async () => {
    refuse = away;
    buffer.push(aSample({ at: after(0) }));
    await expect(writer.run()).rejects.toThrow('Unavailable');
    buffer.push(aSample({ at: after(10) }));
    expect(writer.waiting).toBe(2);
    expect(writer.oldest).toEqual(after(0));
    refuse = () => undefined;
    await drain();
    expect(batches.flat().map(({ at, afterGap }) => [at, afterGap])).toEqual([
      [after(0), false],
      [after(10), false],
    ]);
  });

  test('the oldest samples are dropped beyond the limit, and the next sample of that channel is marked once', async () => {
    for (let second = 0; second < 8; second += 1)
      buffer.push(aSample({ at: after(second), channelId: second === 3 ? 'other' : 'show' }));
    expect([buffer.size, buffer.dropped]).toEqual([5, 3]);
    await drain();
    expect(batches.flat().map(({ channelId, at, afterGap }) => [channelId, at, afterGap])).toEqual([
      ['other', after(3), false],
      ['show', after(4), true],
      ['show', after(5), false],
      ['show', after(6), false],
      ['show', after(7), false],
    ]);
  });

  test('a batch in progress is written even if other samples are dropped meanwhile', async () => {
    refuse = away;
    buffer.push(aSample({ at: after(0) }));
    await expect(writer.run()).rejects.toThrow();
    for (let second = 1; second < 8; second += 1) buffer.push(aSample({ at: after(second) }));
    refuse = () => undefined;
    await drain();
    const written = batches.flat().map(({ at, afterGap }) => [at, afterGap]);
    expect(written.slice(0, 3)).toEqual([
      [after(0), false],
      [after(3), true],
      [after(4), false],
    ]);
  });
});

test('a sample that the database left out is counted as dropped, and leaves a gap', async () => {
  const bad = aSample({ channelId: 'bad' });
  leaveOut = (sample) => sample === bad;
  for (const sample of [aSample({ channelId: 'a' }), bad, aSample({ channelId: 'b' })]) buffer.push(sample);
  await drain();
  expect(batches.flat().map(({ channelId }) => channelId)).toEqual(['a', 'b']);
  expect(buffer.dropped).toBe(1);
  buffer.push(aSample({ channelId: 'bad', at: after(10) }));
  await drain();
  expect(batches.flat().at(-1)).toMatchObject({ channelId: 'bad', afterGap: true });
});

test('whatever is dropped, the kept samples mark every gap and no others', () => {
  fc.assert(
    fc.property(
      fc.array(fc.oneof(fc.constantFrom('a', 'b', 'c'), fc.integer({ min: 1, max: 4 })), { maxLength: 60 }),
      (steps) => {
        const its = new SampleBuffer(4);
        const pushed: Sample[] = [];
        const left: Sample[] = [];
        for (const step of steps)
          if (typeof step === 'number') left.push(...its.take(step));
          else {
            const sample = aSample({ channelId: step, at: after(pushed.length) });
            pushed.push(sample);
            its.push(sample);
          }
        left.push(...its.take(100));
        expect(left.length + its.dropped).toBe(pushed.length);
        for (const channelId of ['a', 'b', 'c']) {
          const all = pushed.filter((each) => each.channelId === channelId).map(({ at }) => at.getTime());
          const kept = left.filter((each) => each.channelId === channelId);
          kept.forEach(({ at, afterGap }, index) => {
            const before = kept[index - 1]?.at.getTime();
            const missing = all.indexOf(at.getTime()) - (before === undefined ? -1 : all.indexOf(before)) > 1;
            expect(afterGap).toBe(missing);
          });
        }
      },
    ),
  );
});
