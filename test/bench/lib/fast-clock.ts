/**
 * A script for a page in which time passes `speed` times as fast, from `epochMs` on: its clocks, and everything that waits.
 * Frames of animations are as they are.
 */
export const fastClock = (speed: number, epochMs: number): string => `{
  const [speed, epoch] = [${String(speed)}, ${String(epochMs)}];
  const { setTimeout: timeout, setInterval: interval, Date: RealDate } = window;
  const sinceOrigin = performance.now.bind(performance);
  const now = () => epoch + (RealDate.now() - epoch) * speed;
  window.Date = class extends RealDate {
    constructor(...given) {
      if (given.length === 0) super(now());
      else super(...given);
    }
    static now() {
      return now();
    }
  };
  performance.now = () => sinceOrigin() * speed;
  window.setTimeout = (run, ms = 0, ...rest) => timeout(run, ms / speed, ...rest);
  window.setInterval = (run, ms = 0, ...rest) => interval(run, ms / speed, ...rest);
}`;

/** The clock of such a page, for what serves it. */
export const fastNow =
  (speed: number, epochMs: number): (() => number) =>
  () =>
    epochMs + (Date.now() - epochMs) * speed;
