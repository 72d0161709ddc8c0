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

describe('the gate', () => {
  test('opens with a keyframe', () => {
    expect(
      admitted(new DecodabilityFilter(), delta(0, 1), keyframe(40), delta(80, 1), delta(120, 2)),
    ).toEqual([...[false, true, true, true]]);
  });

  test('closes where a picture is missing, until the next keyframe', () => {
    const frames = [keyframe(0), delta(40, 1), delta(120, 3), delta(160, 4), keyframe(200), delta(240, 1)];
    expect(admitted(new DecodabilityFilter(), ...frames)).toEqual([true, true, false, false, true, true]);
  });

  test('a picture that comes after the keyframe that replaced it is left out, and what follows is not', () => {
    for (const began of [0, (2 ** 32 - 90 * 60) / 90]) {
      const frames = [
        ...[keyframe(0), delta(40, 1), keyframe(160), delta(80, 2), delta(120, 3), delta(200, 1)],
      ].map((frame) => ({ ...frame, rtpTimestamp: (frame.rtpTimestamp + Math.round(began * 90)) >>> 0 }));
      expect(admitted(new DecodabilityFilter(), ...frames)).toEqual([true, true, true, false, false, true]);
    }
  });

  test('closes when the receiver is another', () => {
    const frames = [keyframe(0), delta(40, 1, { receiver: 7 }), keyframe(80, { receiver: 7 })];
    expect(admitted(new DecodabilityFilter(), ...frames)).toEqual([true, false, true]);
  });

  test('closes when it is told to', () => {
    const gate = new DecodabilityFilter();
    gate.admit(keyframe(0), 'h264');
    gate.close();
    expect(admitted(gate, delta(40, 1), keyframe(80))).toEqual([false, true]);
  });

  test('of codecs that are decoded here it sees keyframes alone', () => {
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

  test('a keyframe says its format, in its own words where the page is silent', () => {
    const gate = new DecodabilityFilter();
    const picture = gate.admit(keyframe(0, { width: 0, height: 0 }), 'h264');
    expect(picture?.format).toMatchObject({ codec: 'h264', width: 64, height: 48 });
    expect(gate.admit(keyframe(40), 'h264')?.format).toEqual(picture?.format);
    const larger = gate.admit(keyframe(80, { size: { width: 128, height: 96 } }), 'h264');
    expect(larger?.format).toMatchObject({ width: 128, height: 96 });
    expect(admitted(gate, delta(120, 1))).toEqual([true]);
  });

  test('a keyframe that comes without parameter sets gets the last ones', () => {
    const gate = new DecodabilityFilter();
    const whole = gate.admit(keyframe(0), 'h264');
    const bare = gate.admit(bareKeyframe(), 'h264');
    expect([...nalUnits(bare?.data ?? new Uint8Array())].map((nal) => [...nal])).toEqual(
      [...nalUnits(whole?.data ?? new Uint8Array())].map((nal) => [...nal]),
    );
    expect(bare?.format).toEqual(whole?.format);
  });

  test('a keyframe that nobody could start to decode is left out, also when another host had sets', () => {
    expect(admitted(new DecodabilityFilter(), bareKeyframe())).toEqual([false]);
    expect(admitted(new DecodabilityFilter(), keyframe(0), bareKeyframe({ receiver: 7 }))).toEqual([
      true,
      false,
    ]);
  });

  test('what is no H.264 at all is left out', () => {
    const frames = [keyframe(0, { data: new Uint8Array() }), keyframe(0, { data: Uint8Array.of(1, 2, 3) })];
    expect(admitted(new DecodabilityFilter(), ...frames)).toEqual([false, false]);
  });

  test('only the beginning of a picture is looked at', () => {
    const large = Buffer.concat([keyframe(0).data, Buffer.alloc(1_000, 0x55)]);
    const { before, slice } = beginning(large);
    expect(before.map(nalType)).toEqual([7, 8]);
    expect(slice?.length).toBeGreaterThan(1_000);
  });
});
