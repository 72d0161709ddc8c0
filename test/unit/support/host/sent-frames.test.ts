import { describe, expect, test } from '@jest/globals';
import { SentFrames } from '../../../support/host/sent-frames.ts';

/** A loop of two seconds at ten frames a second. Each frame ends with its index in the loop. */
function sent(count: number): SentFrames {
  const frames = new SentFrames({ fps: 10, seconds: 2 });
  for (let index = 0; index < count; index++) frames.add(index * 100, ending(index % 20));
  return frames;
}

const ending = (place: number): Buffer => Buffer.from(`a frame that ends with number ${place}`);

describe('frames sent by a host', () => {
  test('are found by the clock in the image, in the latest iteration of the loop', () => {
    expect(sent(50).byClock(500, 4_900)).toEqual({ index: 45, at: 4_500 });
    expect(sent(50).byClock(500, 4_400)).toEqual({ index: 25, at: 2_500 });
    expect(sent(3).byClock(500, 4_400)).toBeUndefined();
  });

  test('are found by their last bytes, and only after they were sent', () => {
    const longer = Buffer.concat([Buffer.from('cut in another way: '), ending(5)]);
    expect(sent(50).byBytes(longer, 4_900)).toEqual({ index: 45, at: 4_500 });
    expect(sent(50).byBytes(longer, 600)).toEqual({ index: 5, at: 500 });
    expect(sent(50).byBytes(Buffer.from('another frame of another sender'), 4_900)).toBeUndefined();
  });

  test('are selected by the time window in which they were sent', () => {
    expect(
      sent(50)
        .between(1_000, 1_300)
        .map(({ index }) => index),
    ).toEqual([10, 11, 12]);
  });
});
