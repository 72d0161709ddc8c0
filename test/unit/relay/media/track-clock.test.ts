import { describe, expect, test } from '@jest/globals';
import { TrackClock } from '../../../../src/relay/media/track-clock.ts';

const RATE = 90_000;

/** Frames captured every 40 ms from `from` to `to`, that arrive after `delay`. */
function play(
  clock: TrackClock,
  from: number,
  to: number,
  delay: (ms: number) => number,
  { start = 0, speed = 1 } = {},
): boolean[] {
  const restarted = [];
  for (let ms = from; ms < to; ms += 40) {
    const rtp = (start + Math.round((ms * speed * RATE) / 1_000)) >>> 0;
    restarted.push(clock.take(rtp, ms + delay(ms)).restarted);
  }
  return restarted;
}

describe('TrackClock', () => {
  test('the fastest frame of the last seconds determines the network delay', () => {
    const clock = new TrackClock(RATE);
    play(clock, 0, 5_000, (ms) => 20 + ((ms / 40) % 7) * 10);
    expect(clock.leastLately).toBeCloseTo(20);
  });

  test('a longer delay takes effect after two seconds, a shorter one at once', () => {
    const clock = new TrackClock(RATE);
    play(clock, 0, 5_000, () => 20);
    play(clock, 5_000, 6_000, () => 220);
    expect(clock.leastLately).toBeCloseTo(20);
    play(clock, 6_000, 8_000, () => 220);
    expect(clock.leastLately).toBeCloseTo(220);
    play(clock, 8_000, 8_040, () => 50);
    expect(clock.leastLately).toBeCloseTo(50);
  });

  test('frames that were queued for seconds and arrive together change nothing', () => {
    const clock = new TrackClock(RATE);
    play(clock, 0, 5_000, () => 20);
    expect(play(clock, 5_000, 8_000, (ms) => 8_000 - ms + 20)).not.toContain(true);
    play(clock, 8_000, 8_400, () => 20);
    expect(clock.leastLately).toBeCloseTo(20);
  });

  test('a clock that jumps is a new one, and so is one without frames for a minute', () => {
    const clock = new TrackClock(RATE);
    expect(play(clock, 0, 1_000, () => 20).filter(Boolean)).toHaveLength(1);
    expect(play(clock, 1_000, 2_000, () => 20, { start: 123_456_789 }).filter(Boolean)).toHaveLength(1);
    expect(clock.leastLately).toBeCloseTo(20 - 123_456_789 / 90, 0);
    expect(play(clock, 70_000, 71_000, () => 20, { start: 123_456_789 })[0]).toBe(true);
  });

  test('RTP timestamps that wrap are no jumps', () => {
    const clock = new TrackClock(RATE);
    const start = 2 ** 32 - RATE;
    expect(play(clock, 0, 5_000, () => 20, { start }).filter(Boolean)).toHaveLength(1);
  });

  test('the difference of two delays does not depend on a delay of both, or a short delay of one', () => {
    const [slow, fast] = [new TrackClock(RATE), new TrackClock(RATE)];
    for (let ms = 0; ms < 20_000; ms += 500) {
      const both = ms > 10_000 ? 300 : 0;
      const one = ms === 5_000 || ms === 12_000 ? 400 : 0;
      play(slow, ms, ms + 500, (at) => 35 + both + one + ((at / 40) % 5));
      play(fast, ms, ms + 500, (at) => 10 + both + ((at / 40) % 3));
      if (ms > 0) expect(slow.beyond(fast)).toBeCloseTo(25, 0);
    }
  });

  test('the difference is unknown for tracks that never overlapped', () => {
    const [early, late] = [new TrackClock(RATE), new TrackClock(RATE)];
    play(early, 0, 1_000, () => 20);
    play(late, 2_000, 3_000, () => 20);
    expect(early.beyond(late)).toBeUndefined();
  });
});
