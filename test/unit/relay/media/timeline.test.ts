import { describe, expect, test } from '@jest/globals';
import { OPUS_SILENCE } from '../../../../src/relay/media/opus.ts';
import type { MediaPacket } from '../../../../src/relay/media/packet.ts';
import { Timeline } from '../../../../src/relay/media/timeline.ts';
import { delta, sound } from './frames.ts';

const isSilence = ({ data }: MediaPacket): boolean => data === OPUS_SILENCE;

/** Audio every 20 ms from `from` to `to`, while the clock runs. Without audio, only the clock runs. */
function run(timeline: Timeline, from: number, to: number, muted = false): MediaPacket[] {
  const packets: MediaPacket[] = [];
  for (let ms = from; ms < to; ms += 20) {
    if (ms % 100 === 0) packets.push(...timeline.silence(ms));
    if (!muted) packets.push(...timeline.sound(sound(ms), ms));
  }
  return packets;
}

describe('Timeline', () => {
  test('adds no silence while there is audio', () => {
    expect(run(new Timeline(), 1_000, 5_000).filter(isSilence)).toEqual([]);
  });

  test('fills missing audio with silence, without gaps', () => {
    const silence = run(new Timeline(), 1_000, 5_000, true);
    expect(silence.length).toBeGreaterThan(170);
    for (const [i, { timeMs, held }] of silence.entries()) {
      expect(timeMs).toBeCloseTo((silence[0]?.timeMs ?? 0) + i * 20);
      expect(held).toBe(true);
    }
  });

  test('returns from silence to audio when the host unmutes', () => {
    const timeline = new Timeline();
    run(timeline, 1_000, 3_000);
    run(timeline, 3_000, 5_000, true);
    const after = run(timeline, 5_000, 6_000);
    expect(after.slice(20).some(isSilence)).toBe(false);
    expect(after.filter((packet) => !isSilence(packet))).toHaveLength(50);
  });

  test('drops audio that was already replaced by silence', () => {
    const timeline = new Timeline();
    run(timeline, 1_000, 3_000);
    run(timeline, 3_000, 4_000, true);
    expect(timeline.sound(sound(3_020), 4_000)).toEqual([]);
    expect(timeline.sound(sound(3_980), 4_000).some((packet) => !isSilence(packet))).toBe(true);
  });

  test('does not fill a pause of the process of a minute completely', () => {
    const timeline = new Timeline();
    run(timeline, 1_000, 2_000);
    expect(timeline.silence(62_000).length).toBeLessThanOrEqual(100);
  });

  test('ignores an empty packet', () => {
    expect(new Timeline().sound(sound(0, { data: new Uint8Array() }), 0)).toEqual([]);
  });

  test('passes late frames on late, and reports the delay', () => {
    const timeline = new Timeline();
    run(timeline, 1_000, 3_000);
    expect(timeline.avOffsetMs(3_000)).toBeNull();
    timeline.placeFrame(timeline.frameTime(delta(2_980, 1), 2_980));
    expect(timeline.avOffsetMs(3_000)).toBeCloseTo(0);
    const held = timeline.placeHeld(3_800);
    const late = timeline.frameTime(delta(3_020, 2), 3_810);
    expect(timeline.placeFrame(late)).toBe(held + 1);
    expect(timeline.avOffsetMs(3_810)).toBeCloseTo(held + 1 - late);
    expect(timeline.avOffsetMs(8_000)).toBeNull();
  });
});
