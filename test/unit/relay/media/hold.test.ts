import { describe, expect, test } from '@jest/globals';
import { due, type Shown } from '../../../../src/relay/media/hold.ts';

const INTERVAL_MS = 2_000;
const live: Shown = {
  ...{ missingMs: 40, sinceFrameMs: 40, sinceKeyMs: 900, keyAgeMs: 860, paceMs: 40 },
  ...{ h264: true, same: true, held: false },
};
const missing = (ms: number, rest: Partial<Shown> = {}): Shown => ({
  ...live,
  ...{ missingMs: ms, sinceFrameMs: ms, sinceKeyMs: 860 + ms },
  ...rest,
});

describe('the action without a frame from the host', () => {
  test.each<[string, Shown, ReturnType<typeof due>]>([
    ['the host sends', live, 'nothing'],
    ['half a second without frames', missing(500), 'nothing'],
    ['slightly more', missing(501), 'repeat'],
    ['the last frame was just repeated', missing(600, { sinceFrameMs: 100 }), 'nothing'],
    ['the last frame was repeated 0.2 s ago', missing(701, { sinceFrameMs: 200 }), 'repeat'],
    ['a second, and the keyframe is recent', missing(1_000), 'repeat'],
    ['a second, and the keyframe is as old as the interval', missing(1_140), 'keyframe'],
    ['less than a second, and the keyframe is old', missing(900, { sinceKeyMs: 5_000 }), 'repeat'],
    ['a second, with a slate', missing(1_000, { same: false }), 'keyframe'],
    [
      'the slate changes while it is shown',
      missing(9_000, { held: true, same: false, sinceKeyMs: 100 }),
      'keyframe',
    ],
    ['a keyframe is held', missing(9_000, { held: true, sinceKeyMs: 1_999 }), 'repeat'],
    ['a keyframe is held for the interval', missing(9_000, { held: true, sinceKeyMs: 2_000 }), 'keyframe'],
    [
      'another codec, half a second after the keyframe',
      missing(1_000, { h264: false, sinceKeyMs: 1_500 }),
      'keyframe',
    ],
    ['another codec is held', missing(9_000, { h264: false, held: true, sinceKeyMs: 500 }), 'keyframe'],
    ['one frame a second, the next is late', missing(1_400, { paceMs: 1_000, sinceKeyMs: 2_400 }), 'repeat'],
    [
      'one frame a second, three are missing',
      missing(3_000, { paceMs: 1_000, sinceKeyMs: 4_000 }),
      'keyframe',
    ],
    ['rare keyframes', missing(4_900, { keyAgeMs: 30_000, sinceKeyMs: 35_000 }), 'repeat'],
    [
      'rare keyframes, and a long absence',
      missing(5_000, { keyAgeMs: 30_000, sinceKeyMs: 35_000 }),
      'keyframe',
    ],
    ['audio only so far', missing(2_900, { keyAgeMs: undefined, sinceKeyMs: Infinity }), 'repeat'],
    [
      'audio only for three seconds',
      missing(3_000, { keyAgeMs: undefined, sinceKeyMs: Infinity }),
      'keyframe',
    ],
  ])('%s', (_, shown, what) => {
    expect(due(shown, INTERVAL_MS)).toBe(what);
  });
});
