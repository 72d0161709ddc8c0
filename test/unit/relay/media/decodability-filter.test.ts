import { describe, expect, test } from '@jest/globals';
import { beginning, NAL_IDR, nalType, nalUnits } from '../../../../src/relay/media/h264.ts';
import { DecodabilityFilter, videoCodec } from '../../../../src/relay/media/decodability-filter.ts';
import { delta, keyframe } from './frames.ts';

const admitted = (
  gate: DecodabilityFilter,
  ...frames: Parameters<DecodabilityFilter['admit']>[0][]
): boolean[] => frames.map((frame) => gate.admit(frame, videoCodec(frame.mimeType) ?? 'h264') !== undefined);

/** A keyframe without its parameter sets. */
function bareKeyframe(options: Parameters<typeof keyframe>[1] = {}): ReturnType<typeof keyframe> {
  const frame = keyframe(0, options);
  const idr = [...nalUnits(frame.data)].find((nal) => nalType(nal) === NAL_IDR) ?? new Uint8Array();
  return { ...frame, data: Buffer.concat([Uint8Array.of(0, 0, 0, 1), idr]) };
}

describe('the filter', () => {
  test('opens with a keyframe', () => {
    expect(
      admitted(new DecodabilityFilter(), delta(0, 1), keyframe(40), delta(80, 1), delta(120, 2)),
    ).toEqual([...[false, true, true, true]]);
  });

  test('closes at a missing frame, until the next keyframe', () => {
    const frames = [keyframe(0), delta(40, 1), delta(120, 3), delta(160, 4), keyframe(200), delta(240, 1)];
    expect(admitted(new DecodabilityFilter(), ...frames)).toEqual([true, true, false, false, true, true]);
  });

  test('drops a frame that arrives after its replacing keyframe, and admits the following ones', () => {
    for (const began of [0, (2 ** 32 - 90 * 60) / 90]) {
      const frames = [
        ...[keyframe(0), delta(40, 1), keyframe(160), delta(80, 2), delta(120, 3), delta(200, 1)],
      ].map((frame) => ({ ...frame, rtpTimestamp: (frame.rtpTimestamp + Math.round(began * 90)) >>> 0 }));
      expect(admitted(new DecodabilityFilter(), ...frames)).toEqual([true, true, true, false, false, true]);
    }
  });

  test('closes with another receiver', () => {
    const frames = [keyframe(0), delta(40, 1, { receiver: 7 }), keyframe(80, { receiver: 7 })];
    expect(admitted(new DecodabilityFilter(), ...frames)).toEqual([true, false, true]);
  });

  test('closes on request', () => {
    const gate = new DecodabilityFilter();
    gate.admit(keyframe(0), 'h264');
    gate.close();
    expect(admitted(gate, delta(40, 1), keyframe(80))).toEqual([false, true]);
  });

  test('admits frames after a keyframe for codecs that are transcoded', () => {
    const mimeType = 'video/VP8';
    const data = Uint8Array.of(1);
    const frames = [
      delta(0, 1, { mimeType, data }),
      keyframe(40, { mimeType, data }),
      delta(80, 9, { mimeType, data }),
      delta(120, 1),
    ];
    expect(admitted(new DecodabilityFilter(), ...frames)).toEqual([false, true, true, false]);
  });

  test('returns the format of a keyframe, from its parameter sets if the page does not report it', () => {
    const gate = new DecodabilityFilter();
    const picture = gate.admit(keyframe(0, { width: 0, height: 0 }), 'h264');
    expect(picture?.format).toMatchObject({ codec: 'h264', width: 64, height: 48 });
    expect(gate.admit(keyframe(40), 'h264')?.format).toEqual(picture?.format);
    const larger = gate.admit(keyframe(80, { size: { width: 128, height: 96 } }), 'h264');
    expect(larger?.format).toMatchObject({ width: 128, height: 96 });
    expect(admitted(gate, delta(120, 1))).toEqual([true]);
  });

  test('adds the last parameter sets to a keyframe without any', () => {
    const gate = new DecodabilityFilter();
    const whole = gate.admit(keyframe(0), 'h264');
    const bare = gate.admit(bareKeyframe(), 'h264');
    expect([...nalUnits(bare?.data ?? new Uint8Array())].map((nal) => [...nal])).toEqual(
      [...nalUnits(whole?.data ?? new Uint8Array())].map((nal) => [...nal]),
    );
    expect(bare?.format).toEqual(whole?.format);
  });

  test('drops a keyframe that cannot be decoded, also if another host had parameter sets', () => {
    expect(admitted(new DecodabilityFilter(), bareKeyframe())).toEqual([false]);
    expect(admitted(new DecodabilityFilter(), keyframe(0), bareKeyframe({ receiver: 7 }))).toEqual([
      true,
      false,
    ]);
  });

  test('drops data that is not H.264', () => {
    const frames = [keyframe(0, { data: new Uint8Array() }), keyframe(0, { data: Uint8Array.of(1, 2, 3) })];
    expect(admitted(new DecodabilityFilter(), ...frames)).toEqual([false, false]);
  });

  test('parses only the beginning of a frame', () => {
    const large = Buffer.concat([keyframe(0).data, Buffer.alloc(1_000, 0x55)]);
    const { before, slice } = beginning(large);
    expect(before.map(nalType)).toEqual([7, 8]);
    expect(slice?.length).toBeGreaterThan(1_000);
  });
});
