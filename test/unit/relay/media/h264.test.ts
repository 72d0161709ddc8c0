import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { nalUnits, parameterSets, withParameterSets } from '../../../../src/relay/media/h264.ts';

const sps = Uint8Array.of(0x67, 0x42, 0xc0, 0x1f, 0x8c);
const pps = Uint8Array.of(0x68, 0xce, 0x3c, 0x80 | 1);
const slice = Uint8Array.of(0x65, 0x88, 0x84, 0x01);
const unit = (...nals: Uint8Array[]): Uint8Array =>
  Buffer.concat(nals.flatMap((nal) => [Uint8Array.of(0, 0, 0, 1), nal]));

describe('H.264 byte streams', () => {
  test('NAL units are parsed back as written, with start codes of three or four bytes', () => {
    // Emulation prevention excludes 00 00 0x within a NAL unit. Zeros at its end belong to the next start code.
    const nal = fc
      .uint8Array({ minLength: 1, maxLength: 40 })
      .map((bytes) => bytes.map((byte) => byte || 7))
      .map((bytes) => Uint8Array.from(bytes));
    fc.assert(
      fc.property(fc.array(fc.tuple(nal, fc.boolean()), { maxLength: 8 }), (nals) => {
        const stream = Buffer.concat(
          nals.flatMap(([bytes, long]) => [Uint8Array.from(long ? [0, 0, 0, 1] : [0, 0, 1]), bytes]),
        );
        expect([...nalUnits(stream)].map((found) => [...found])).toEqual(nals.map(([bytes]) => [...bytes]));
      }),
    );
  });

  test('the parameter sets of a keyframe are found', () => {
    expect(parameterSets(unit(sps, pps, slice))).toEqual({
      sps: Uint8Array.from(sps),
      pps: Uint8Array.from(pps),
    });
  });

  test('a frame without both parameter sets has none', () => {
    expect(parameterSets(unit(slice))).toBeUndefined();
    expect(parameterSets(unit(sps, slice))).toBeUndefined();
  });

  test('parameter sets added in front of a frame are found there, and the frame is unchanged', () => {
    const completed = withParameterSets(unit(slice), { sps, pps });
    expect([...nalUnits(completed)].map((nal) => [...nal])).toEqual([sps, pps, slice].map((nal) => [...nal]));
  });
});
