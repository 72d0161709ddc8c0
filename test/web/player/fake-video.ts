/** jsdom has a video element that does not play: this one does what a test says. */
export interface FakeVideo {
  readonly element: HTMLVideoElement;
  /** How play() ends; undefined: it plays. */
  refusal: string | undefined;
  paused: boolean;
  position: number;
  readyState: number;
  plays: number;
  /** The only range of media there is, in seconds. */
  buffered: readonly [start: number, end: number];
}

export function fakeVideo(element = document.createElement('video')): FakeVideo {
  const fake: FakeVideo = {
    ...{ element, refusal: undefined, paused: true, position: 0, readyState: 4, plays: 0 },
    buffered: [0, 0],
  };
  const define = (name: string, get: () => unknown, set: (value: never) => void = () => undefined): void => {
    Object.defineProperty(element, name, { configurable: true, get, set });
  };
  define('paused', () => fake.paused);
  define('ended', () => false);
  define('seeking', () => false);
  define('readyState', () => fake.readyState);
  define('videoWidth', () => 640);
  define('videoHeight', () => 360);
  define(
    'currentTime',
    () => fake.position,
    (value: number) => {
      fake.position = value;
    },
  );
  define('buffered', () => ({ length: 1, start: () => fake.buffered[0], end: () => fake.buffered[1] }));
  let muted = element.muted;
  define(
    'muted',
    () => muted,
    (value: boolean) => {
      muted = value;
    },
  );
  element.play = async () => {
    fake.plays++;
    if (fake.refusal !== undefined && !(fake.refusal === 'sound' && muted))
      throw new DOMException('refused', fake.refusal === 'sound' ? 'NotAllowedError' : fake.refusal);
    fake.paused = false;
  };
  element.pause = () => {
    fake.paused = true;
  };
  return fake;
}
