import { expect, test } from '@jest/globals';
import {
  qualityMeter,
  type Measured,
  type QualityFacts,
} from '../../../../src/web/player/qoe/quality-meter.ts';

const TICK_MS = 250;

/** A viewer's screen, which a test lets play or wait. */
class Screen {
  readonly meter = qualityMeter(1_000);
  facts: QualityFacts = {
    ...{ now: 1_000, state: 'connecting', visible: true, position: 0 },
    ...{ shownAt: undefined, behind: undefined, height: undefined, kbps: undefined },
    ...{ frames: 0, dropped: 0, fault: 'other' },
  };

  constructor() {
    this.meter.observe(this.facts);
  }

  /** `speed`: seconds of media a second. */
  pass(ms: number, speed: number, change: Partial<QualityFacts> = {}, tickMs = TICK_MS): void {
    for (let left = ms; left > 0; left -= tickMs) {
      const passed = Math.min(left, tickMs);
      const { now, position, frames } = this.facts;
      this.facts = {
        ...{ ...this.facts, now: now + passed, position: position + (passed / 1_000) * speed },
        frames: frames + (passed / 1_000) * 25 * speed,
        ...change,
      };
      this.meter.observe(this.facts);
    }
  }

  play(ms: number, change: Partial<QualityFacts> = {}): void {
    this.pass(ms, 1, { state: 'playing', ...change });
  }

  wait(ms: number, change: Partial<QualityFacts> = {}): void {
    this.pass(ms, 0, { state: 'buffering', ...change });
  }

  cut(): Measured {
    const measured = this.meter.measured();
    this.meter.cut();
    if (measured === undefined) throw new Error('nothing was measured');
    return measured;
  }
}

test('playback without a fault is seconds of playback, and nothing else', () => {
  const screen = new Screen();
  screen.play(10_000);
  expect(screen.cut()).toMatchObject({
    ...{ dur: 10, playing: 10, stalled: 0, stalls: 0, frames: 250, dropped: 0, switches: 0 },
    ...{ state: 'playing', visible: true, fatal: undefined },
  });
  screen.play(5_000);
  expect(screen.cut()).toMatchObject({ dur: 5, playing: 5, ttff: undefined, frames: 125 });
});

test('start-up ends with the first frame, however often it is observed, and is reported once', () => {
  const screen = new Screen();
  screen.pass(700, 0);
  screen.pass(250, 0, { shownAt: 1_650 });
  screen.play(1_000);
  expect(screen.cut().ttff).toBe(0.65);
  screen.play(1_000);
  expect(screen.cut().ttff).toBeUndefined();
});

test('where the browser does not tell of frames, start-up ends when the playhead advances', () => {
  const screen = new Screen();
  screen.pass(1_000, 0);
  screen.play(1_000);
  expect(screen.cut().ttff).toBeCloseTo(1.25);
});

test.each(['waiting-for-host', 'tap-to-play'] as const)(
  'start-up begins when the viewer can watch: after %s',
  (state) => {
    const screen = new Screen();
    screen.pass(60_000, 0, { state });
    screen.pass(500, 0, { state: 'connecting' });
    screen.play(1_000);
    expect(screen.cut().ttff).toBeLessThan(1);
  },
);

test.each([300, 2_000, 7_300])('a stall of %d ms is one stall of that time', (ms) => {
  const screen = new Screen();
  screen.play(3_100);
  screen.wait(ms);
  screen.play(3_000);
  const { stalls, stalled, playing } = screen.cut();
  expect(stalls).toBe(1);
  expect(Math.abs(stalled - ms / 1_000)).toBeLessThanOrEqual(0.01);
  expect(playing).toBeCloseTo(6.1);
});

test('a stall that begins and ends between observations has its true length', () => {
  const screen = new Screen();
  screen.play(2_000);
  screen.pass(250, 0.6);
  screen.wait(500);
  screen.pass(250, 0.8);
  screen.play(2_000);
  expect(screen.cut()).toMatchObject({ stalls: 1, stalled: 0.65 });
});

test('a wait that is too short to be noticed, and small irregularities of the playhead, are no stall', () => {
  const screen = new Screen();
  screen.play(1_000);
  screen.wait(150);
  for (let times = 0; times < 20; times++) {
    screen.pass(250, 0.8, { state: 'playing' });
    screen.pass(250, 1.2, { state: 'playing' });
  }
  expect(screen.cut()).toMatchObject({ stalls: 0, stalled: 0 });
});

test('a stall over two reports is counted in the first, and its time in both', () => {
  const screen = new Screen();
  screen.play(1_000);
  screen.wait(3_000);
  expect(screen.cut()).toMatchObject({ stalls: 1, stalled: 3, state: 'buffering' });
  screen.wait(2_000);
  screen.play(1_000);
  expect(screen.cut()).toMatchObject({ stalls: 0, stalled: 2, playing: 1 });
  screen.wait(1_000);
  screen.play(1_000);
  expect(screen.cut()).toMatchObject({ stalls: 1, stalled: 1 });
});

test.each(['paused', 'waiting-for-host', 'ended', 'use-agora'] as const)('%s is no stall', (state) => {
  const screen = new Screen();
  screen.play(1_000);
  screen.pass(20_000, 0, { state });
  screen.play(1_000);
  expect(screen.cut()).toMatchObject({ stalls: 0, stalled: 0, playing: 2, fatal: undefined });
});

test('a page that cannot be seen does not stall', () => {
  const screen = new Screen();
  screen.play(1_000);
  screen.wait(60_000, { visible: false });
  screen.play(1_000, { visible: true });
  expect(screen.cut()).toMatchObject({ stalls: 0, stalled: 0, fatal: undefined });
});

test('a return to the live edge is no stall, but a stall that ends with a seek is one', () => {
  const screen = new Screen();
  screen.play(2_000);
  screen.pass(250, 40, { state: 'playing' });
  screen.wait(750);
  screen.play(2_000);
  expect(screen.cut()).toMatchObject({ stalls: 0, stalled: 0 });
  screen.wait(3_000);
  screen.pass(250, 40, { state: 'buffering' });
  screen.play(1_000);
  expect(screen.cut()).toMatchObject({ stalls: 1, stalled: 3.25 });
});

test('time in which the page did not run is in no figure', () => {
  const screen = new Screen();
  screen.play(2_000);
  screen.pass(3_600_000, 0, {}, 3_600_000);
  screen.play(2_000);
  expect(screen.cut()).toMatchObject({ dur: 4, playing: 4, stalls: 0, fatal: undefined });
});

test('latency is that of the time at the live edge', () => {
  const screen = new Screen();
  screen.play(5_000, { behind: 4 });
  screen.play(5_000, { behind: undefined });
  screen.play(5_000, { behind: 9 });
  screen.play(15_000, { behind: 5 });
  expect(screen.cut()).toMatchObject({ lat50: 5 });
  screen.wait(5_000, { behind: 60 });
  expect(screen.cut().lat50).toBeUndefined();
});

test('the level is that of the time of playback, and its changes are counted', () => {
  const screen = new Screen();
  screen.play(7_500, { height: 720, kbps: 2_000 });
  screen.play(2_500, { height: 360, kbps: 800 });
  expect(screen.cut()).toMatchObject({ h: 630, kbps: 1_700, switches: 1 });
  screen.play(2_500, { height: undefined, kbps: undefined });
  expect(screen.cut()).toMatchObject({ h: undefined, kbps: undefined, switches: 0 });
});

test('frames are counted over resets of the element', () => {
  const screen = new Screen();
  screen.play(250, { frames: 100, dropped: 2 });
  screen.play(250, { frames: 10, dropped: 1 });
  screen.play(250, { frames: 20, dropped: 1 });
  expect(screen.cut()).toMatchObject({ frames: 120, dropped: 3 });
});

test('a fault is fatal if it lasts for 30 s, once, and again after playback', () => {
  const screen = new Screen();
  screen.play(1_000);
  screen.wait(29_000, { state: 'reconnecting', fault: 'segment' });
  expect(screen.cut().fatal).toBeUndefined();
  screen.wait(2_000);
  expect(screen.cut().fatal).toBe('segment');
  screen.wait(60_000);
  expect(screen.cut().fatal).toBeUndefined();
  screen.play(1_000);
  screen.wait(31_000, { fault: 'media' });
  expect(screen.cut().fatal).toBe('media');
});

test('what never starts is fatal, too, and a browser that cannot play is at once', () => {
  const never = new Screen();
  never.pass(31_000, 0, { fault: 'manifest' });
  expect(never.cut()).toMatchObject({ fatal: 'manifest', ttff: undefined, stalls: 0 });
  const unable = new Screen();
  unable.pass(1_000, 0, { state: 'unsupported' });
  expect(unable.cut().fatal).toBe('unsupported');
  unable.pass(60_000, 0);
  expect(unable.cut().fatal).toBeUndefined();
});
