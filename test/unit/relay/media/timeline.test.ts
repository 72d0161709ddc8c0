import { describe, expect, test } from '@jest/globals';
import type { EncodedFrame } from '../../../../src/relay/frame-protocol.ts';
import { OPUS_SILENCE } from '../../../../src/relay/media/opus.ts';
import { Timeline, type MediaPacket } from '../../../../src/relay/media/timeline.ts';

const SPS = [0, 0, 0, 1, 0x67, 0x42, 0xc0, 0x1f];
const PPS = [0, 0, 0, 1, 0x68, 0xce, 0x3c, 0x81];
const IDR = [0, 0, 0, 1, 0x65, 0x88];
const OPUS_20MS = Uint8Array.of(0xfc, 1, 2, 3);

function picture(
  ms: number,
  options: { receiver?: number; key?: boolean; data?: number[] } = {},
): EncodedFrame {
  const {
    receiver = 1,
    key = false,
    data = key ? [...SPS, ...PPS, ...IDR] : [0, 0, 0, 1, 0x41, 1],
  } = options;
  return {
    ...{ kind: 'video', key, receiver, ssrc: 1, rtpTimestamp: (ms * 90) >>> 0, ageMs: 0 },
    ...{ mimeType: 'video/H264', width: 640, height: 360, data: Uint8Array.from(data) },
  };
}

function sound(ms: number, receiver = 2): EncodedFrame {
  return {
    ...{ kind: 'audio', key: false, receiver, ssrc: 2, rtpTimestamp: (ms * 48) >>> 0, ageMs: 0 },
    ...{ mimeType: 'audio/opus', width: 0, height: 0, data: OPUS_20MS },
  };
}

const isSilence = ({ data }: MediaPacket): boolean => data === OPUS_SILENCE;

/** Sound every 20 ms and a picture every 40 ms from `from` to `to`, leaving out what `without` says. */
function run(timeline: Timeline, from: number, to: number, without?: 'audio' | 'video'): MediaPacket[] {
  const packets: MediaPacket[] = [];
  for (let ms = from; ms < to; ms += 20) {
    if (without !== 'audio') packets.push(...timeline.push(sound(ms), ms));
    if (without !== 'video' && ms % 40 === 0)
      packets.push(...timeline.push(picture(ms, { key: ms % 1_000 === 0 }), ms));
  }
  return packets;
}

describe('Timeline', () => {
  test('adds nothing while sound and picture come', () => {
    expect(run(new Timeline(), 1_000, 5_000).filter(isSilence)).toEqual([]);
  });

  test('puts silence where a host publishes no sound, without holes', () => {
    const silence = run(new Timeline(), 1_000, 5_000, 'audio').filter(isSilence);
    expect(silence.length).toBeGreaterThan(170);
    for (const [i, { timeMs }] of silence.entries())
      expect(timeMs).toBeCloseTo((silence[0]?.timeMs ?? 0) + i * 20);
  });

  test('goes from silence to sound when the host unmutes, and times of sound never go back', () => {
    const timeline = new Timeline();
    run(timeline, 1_000, 3_000);
    run(timeline, 3_000, 5_000, 'audio');
    const after = run(timeline, 5_000, 6_000).filter(({ kind }) => kind === 'audio');
    expect(after.slice(20).some(isSilence)).toBe(false);
    const times = after.map(({ timeMs }) => timeMs);
    expect(times).toEqual(times.toSorted((a, b) => a - b));
  });

  test('a new receiver, with an RTP clock of its own, goes on in the same time', () => {
    const timeline = new Timeline();
    const before = run(timeline, 1_000, 2_000)
      .filter(({ kind }) => kind === 'video')
      .at(-1);
    const otherClock = { ...picture(500_000, { receiver: 9, key: true }) };
    const [after] = timeline.push(otherClock, 2_040).filter(({ kind }) => kind === 'video');
    expect(after?.timeMs).toBeCloseTo(2_040);
    expect(before && after && after.timeMs - before.timeMs).toBeGreaterThan(0);
  });

  test('a key frame that comes without parameter sets gets the last ones', () => {
    const timeline = new Timeline();
    timeline.push(picture(1_000, { key: true }), 1_000);
    const bare = timeline.push(picture(1_040, { key: true, data: IDR }), 1_040).at(-1);
    expect([...(bare?.data ?? [])]).toEqual([...SPS, ...PPS, ...IDR]);
    expect(bare?.format?.width).toBe(640);
  });

  test('a key frame that nobody could start to decode is not called one', () => {
    const bare = new Timeline().push(picture(1_000, { key: true, data: IDR }), 1_000).at(-1);
    expect(bare?.format).toBeUndefined();
  });
});
