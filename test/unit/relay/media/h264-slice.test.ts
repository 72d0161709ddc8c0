import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { BitWriter, nalUnit } from '../../../../src/relay/media/bits.ts';
import { blackFrame } from '../../../../src/relay/media/h264-black.ts';
import { readParameters, type H264Parameters } from '../../../../src/relay/media/h264-parameters.ts';
import { canSkip, readSlice, skippedPicture, withIdrPicId } from '../../../../src/relay/media/h264-slice.ts';
import { nalType, nalUnits, parameterSets } from '../../../../src/relay/media/h264.ts';
import { blackParameters } from './frames.ts';

const pps = Buffer.from('68ebe3cb3002c0', 'hex');
const first = (accessUnit: Uint8Array): Uint8Array => [...nalUnits(accessUnit)][0] ?? new Uint8Array();

function parameters(
  sps: Partial<H264Parameters['sps']>,
  pps: Partial<H264Parameters['pps']>,
): H264Parameters {
  const plain = blackParameters();
  return { sps: { ...plain.sps, ...sps }, pps: { ...plain.pps, ...pps } };
}

describe('parameter sets', () => {
  test('contain the size of the frame, cropped to pairs of pixels', () => {
    for (const [width, height] of [
      [1_280, 720],
      [1_920, 1_080],
      [326, 182],
      [16, 16],
    ] as const) {
      const sets = parameterSets(blackFrame(width, height).data);
      expect(sets && readParameters(sets).sps).toMatchObject({ width, height });
    }
  });

  // Encoded by x264. FFmpeg's trace_headers prints the same values.
  test.each([
    [
      'High',
      '6764000dacd941519e69b011000003000100000300320f142996',
      { width: 326, height: 182, frameNumBits: 4, orderType: 0, orderBits: 6, referenceFrames: 4 },
    ],
    [
      'High 4:4:4',
      '67f4000d919b282a33c5c5e022000003000200000300641e28532c',
      { width: 326, height: 182, frameNumBits: 4, orderType: 0, orderBits: 6, referenceFrames: 4 },
    ],
  ])('of %s are parsed', (_, sps, expected) => {
    const read = readParameters({ sps: Buffer.from(sps, 'hex'), pps });
    expect(read.sps).toMatchObject({ ...expected, progressive: true, gapsAllowed: false });
    expect(read.pps).toMatchObject({ cabac: true, weightedPrediction: true, deblockingControl: true });
  });
});

test('with scaling lists are parsed', () => {
  fc.assert(
    fc.property(fc.array(fc.option(fc.array(fc.nat(255))), { minLength: 8, maxLength: 8 }), (lists) => {
      const sps = new BitWriter().bits(100, 8).bits(0, 16).unsigned(3);
      sps.unsigned(1).unsigned(0).unsigned(0).flag(false).flag(true);
      lists.forEach((list, i) => {
        sps.flag(list !== null);
        if (list === null) return;
        // A list ends when its next value would be 0 (section 7.3.2.1.1.1), or when it is full.
        const values = Array.from({ length: i < 6 ? 16 : 64 }, (_, at) => list[at] ?? 0);
        let last = 8;
        for (const value of values) {
          const difference = ((value - last + 128 + 256) % 256) - 128;
          sps.signed(difference);
          if (value === 0) break;
          last = value;
        }
      });
      sps.unsigned(5).unsigned(2).unsigned(1).flag(false).unsigned(19).unsigned(14).flag(true).flag(true);
      const read = readParameters({
        sps: nalUnit(0x67, sps.flag(false).flag(false).end().bytes).subarray(4),
        pps,
      });
      expect(read.sps).toMatchObject({ id: 3, frameNumBits: 9, orderType: 2, width: 320, height: 240 });
    }),
  );
});

describe('slices', () => {
  test('of a skipped frame are parsed back as written, in any kind of stream', () => {
    const bits = fc.integer({ min: 4, max: 16 });
    fc.assert(
      fc.property(
        fc.record({
          frameNumBits: bits,
          orderBits: bits,
          orderType: fc.nat(2),
          orderDeltaAlwaysZero: fc.boolean(),
          macroblocks: fc.integer({ min: 1, max: 36_864 }),
        }),
        fc.record({
          id: fc.nat(255),
          fieldOrderPresent: fc.boolean(),
          deblockingControl: fc.boolean(),
          redundantPictures: fc.boolean(),
        }),
        fc.record({ reference: fc.boolean(), frameNum: fc.nat(65_535), order: fc.nat(65_535) }),
        (sps, pps, wanted) => {
          const orderBits = sps.orderType === 0 ? sps.orderBits : 0;
          const all = parameters({ ...sps, orderBits }, pps);
          const picture = {
            ...wanted,
            frameNum: wanted.frameNum % 2 ** sps.frameNumBits,
            order: wanted.order % 2 ** orderBits,
          };
          const slice = first(skippedPicture(all, picture));
          expect(readSlice(slice, all)).toEqual({ ...picture, idr: false });
          expect(slice.length).toBeLessThan(32);
        },
      ),
    );
  });

  test.each<[string, Partial<H264Parameters['sps']>, Partial<H264Parameters['pps']>]>([
    ['CABAC', {}, { cabac: true }],
    ['weighted prediction', {}, { weightedPrediction: true }],
    ['slice groups', {}, { sliceGroups: 2 }],
    ['fields', { progressive: false }, {}],
    ['no reference frames', { referenceFrames: 0 }, {}],
  ])('skipped frames are not supported in a stream with %s', (_, sps, pps) => {
    expect(canSkip(parameters(sps, pps))).toBe(false);
    expect(canSkip(parameters({}, {}))).toBe(true);
  });

  test('of a keyframe differ in idr_pic_id only after it was changed', () => {
    const { data } = blackFrame(320, 240);
    const plain = blackParameters();
    const once = withIdrPicId(data, plain, 65_533) ?? new Uint8Array();
    expect(Buffer.from(once).equals(Buffer.from(data))).toBe(false);
    expect([...nalUnits(once)].map(nalType)).toEqual([7, 8, 5]);
    expect(Buffer.from(withIdrPicId(once, plain, 0) ?? []).equals(Buffer.from(data))).toBe(true);
  });

  test('with other parameter sets are not changed', () => {
    expect(withIdrPicId(blackFrame(320, 240).data, parameters({}, { id: 7 }), 1)).toBeUndefined();
  });
});
