import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { TrackClock } from '../../../../src/relay/media/track-clock.ts';

/** Frames of a track: captured every `everyMs`, arriving `delay(i)` later; the RTP clock starts at `start` and runs at `speed`. */
function play(
  clock: TrackClock,
  options: {
    count: number;
    everyMs: number;
    delay: (i: number) => number;
    start?: number;
    speed?: number;
    rate?: number;
  },
) {
  const { count, everyMs, delay, start = 0, speed = 1, rate = 90_000 } = options;
  return Array.from({ length: count }, (_, i) => {
    const capturedMs = 10_000 + i * everyMs;
    const rtp = (start + Math.round((capturedMs * speed * rate) / 1_000)) >>> 0;
    return { capturedMs, outMs: clock.map(rtp, capturedMs + delay(i)) };
  });
}

describe('TrackClock', () => {
  test('keeps the spacing of the pictures whatever the jitter of their arrival', () => {
    const out = play(new TrackClock(90_000), { count: 300, everyMs: 33, delay: (i) => 20 + ((i * 37) % 40) });
    const gaps = out.slice(100).map(({ outMs }, i, all) => outMs - (all[i - 1]?.outMs ?? outMs - 33));
    for (const gap of gaps) expect(gap).toBeCloseTo(33, 0);
  });

  test('settles on the least delay within two seconds of a late start', () => {
    const out = play(new TrackClock(90_000), { count: 90, everyMs: 33, delay: (i) => (i === 0 ? 80 : 15) });
    const last = out.at(-1);
    expect(last && last.outMs - last.capturedMs).toBeCloseTo(15, 0);
  });

  test('puts sound and picture of one moment together, though their clocks start anywhere and their jitter differs', () => {
    fc.assert(
      fc.property(fc.nat(0xffff_ffff), fc.nat(0xffff_ffff), (videoStart, audioStart) => {
        const video = play(new TrackClock(90_000), {
          count: 150,
          everyMs: 40,
          start: videoStart,
          delay: (i) => 18 + ((i * 7) % 30),
        });
        const audio = play(new TrackClock(48_000), {
          count: 300,
          everyMs: 20,
          start: audioStart,
          rate: 48_000,
          delay: (i) => 12 + ((i * 11) % 25),
        });
        for (const { capturedMs, outMs } of video.slice(75)) {
          const sound = audio.find((packet) => packet.capturedMs === capturedMs);
          if (sound !== undefined) expect(Math.abs(sound.outMs - outMs)).toBeLessThan(15);
        }
      }),
      { numRuns: 20 },
    );
  });

  test('follows a host whose clock is 200 ppm fast without letting the delay grow', () => {
    const out = play(new TrackClock(90_000), { count: 9_000, everyMs: 33, speed: 1.0002, delay: () => 20 });
    const last = out.at(-1);
    expect(last && Math.abs(last.outMs - last.capturedMs - 20)).toBeLessThan(5);
  });

  test('takes a jump of the RTP clock as a new beginning', () => {
    const clock = new TrackClock(90_000);
    play(clock, { count: 30, everyMs: 33, delay: () => 20 });
    const after = clock.map(12_345_678, 20_000);
    expect(after).toBeCloseTo(20_000, 0);
  });

  test('never goes back', () => {
    const frame = fc.record({
      rtp: fc.nat(0xffff_ffff),
      arrival: fc.double({ min: 0, max: 1e6, noNaN: true }),
    });
    fc.assert(
      fc.property(fc.array(frame, { maxLength: 100 }), (frames) => {
        const clock = new TrackClock(48_000);
        let last = -Infinity;
        for (const { rtp, arrival } of frames) {
          const out = clock.map(rtp, arrival);
          expect(out).toBeGreaterThan(last);
          last = out;
        }
      }),
    );
  });
});
