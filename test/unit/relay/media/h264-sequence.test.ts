import { describe, expect, test } from '@jest/globals';
import type { H264Parameters } from '../../../../src/relay/media/h264-parameters.ts';
import { H264Sequence } from '../../../../src/relay/media/h264-sequence.ts';
import { readSlice, type SliceBeginning } from '../../../../src/relay/media/h264-slice.ts';
import { nalUnits } from '../../../../src/relay/media/h264.ts';
import { blackParameters } from './frames.ts';

const plain = blackParameters();
const orderType0: H264Parameters = { ...plain, sps: { ...plain.sps, orderType: 0, orderBits: 4 } };

const slice = (frameNum: number, order = 0, rest: Partial<SliceBeginning> = {}): SliceBeginning => ({
  ...{ idr: false, reference: true, frameNum, order },
  ...rest,
});
const idr = slice(0, 0, { idr: true });

function sequence(parameters: H264Parameters, slices: readonly SliceBeginning[]): H264Sequence {
  const made = new H264Sequence(parameters);
  for (const each of slices) made.take(each);
  return made;
}

const read = (data: Uint8Array | undefined, parameters: H264Parameters): SliceBeginning | undefined =>
  data && readSlice([...nalUnits(data)][0] ?? data, parameters);

describe('a frame can follow', () => {
  test('with the next frame_num, also when it wraps, and with no other', () => {
    const at15 = sequence(plain, [idr, ...Array.from({ length: 15 }, (_, i) => slice(i + 1))]);
    expect(at15.fits(slice(0))).toBe(true);
    expect(at15.fits(slice(1))).toBe(false);
    expect(at15.fits(slice(15))).toBe(false);
    expect(at15.fits(idr)).toBe(true);
  });

  test('with the same frame_num after non-reference frames', () => {
    const after = sequence(plain, [idr, slice(1, 0, { reference: false })]);
    expect(after.fits(slice(1, 0, { reference: false }))).toBe(true);
    expect(after.fits(slice(1))).toBe(true);
    expect(after.fits(slice(2))).toBe(false);
  });

  test('with any frame_num if the stream allows gaps or has fields', () => {
    const gaps = { ...plain, sps: { ...plain.sps, gapsAllowed: true } };
    const fields = { ...plain, sps: { ...plain.sps, progressive: false } };
    expect(sequence(gaps, [idr]).fits(slice(5))).toBe(true);
    expect(sequence(fields, [idr]).fits(slice(5))).toBe(true);
  });
});

describe('inserted frames', () => {
  test('a non-reference frame fits once between the last frame and the next one', () => {
    const running = sequence(orderType0, [idr, slice(1, 2), slice(2, 4)]);
    expect(read(running.passing(), orderType0)).toEqual(slice(3, 5, { reference: false }));
    expect(running.passing()).toBeUndefined();
    expect(running.fits(slice(3, 6))).toBe(true);
    running.take(slice(3, 6));
    expect(running.passing()).toBeDefined();
  });

  test('more non-reference frames fit if the picture order count leaves more room', () => {
    const running = sequence(orderType0, [idr, slice(1, 4), slice(2, 8)]);
    expect([1, 2, 3].map(() => read(running.passing(), orderType0)?.order)).toEqual([9, 10, 11]);
    expect(running.passing()).toBeUndefined();
  });

  test('no non-reference frame fits if the picture order count leaves no room, or is not known yet', () => {
    expect(sequence(orderType0, [idr, slice(1, 1)]).passing()).toBeUndefined();
    expect(sequence(orderType0, [idr]).passing()).toBeUndefined();
    expect(sequence(orderType0, [idr, slice(1, 6), slice(2, 4)]).passing()).toBeUndefined();
  });

  test('no non-reference frame is inserted after another one, because it would repeat the one before that', () => {
    expect(sequence(plain, [idr, slice(1, 0, { reference: false })]).passing()).toBeUndefined();
  });

  test('reference frames increase frame_num, including its wrap', () => {
    const running = sequence(orderType0, [slice(0, 12, { idr: true })]);
    const made = Array.from({ length: 20 }, () => read(running.continuing(), orderType0));
    expect(made[0]).toEqual(slice(1, 14));
    expect(made[1]).toEqual(slice(2, 0));
    expect(made[16]?.frameNum).toBe(1);
  });
});
