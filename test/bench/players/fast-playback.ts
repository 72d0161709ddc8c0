/** The fastest that Chromium plays. */
export const MOST_SPEED = 16;

/**
 * A script for a page whose videos play `speed` times as fast, and say that they play at their usual rate: the rest of the page
 * is as fast by fast-clock.ts.
 */
export const fastPlayback = (speed: number): string => `{
  const [speed, most] = [${String(speed)}, ${String(MOST_SPEED)}];
  const { prototype } = HTMLMediaElement;
  for (const name of ['playbackRate', 'defaultPlaybackRate']) {
    const real = Object.getOwnPropertyDescriptor(prototype, name);
    Object.defineProperty(prototype, name, {
      configurable: true,
      get() {
        return real.get.call(this) / speed;
      },
      set(rate) {
        real.set.call(this, Math.min(rate * speed, most));
      },
    });
  }
  const known = new WeakSet();
  const { play } = prototype;
  prototype.play = function () {
    if (!known.has(this)) {
      known.add(this);
      this.defaultPlaybackRate = 1;
      this.playbackRate = 1;
    }
    return play.call(this);
  };
}`;
