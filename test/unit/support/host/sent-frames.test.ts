import { describe, expect, test } from '@jest/globals';
import { SentFrames } from '../../../support/host/sent-frames.ts';

/** A loop of two seconds with ten pictures a second; each picture ends with its place in the loop. */
function sent(count: number): SentFrames {
  const frames = new SentFrames({ fps: 10, seconds: 2 });
  for (let index = 0; index < count; index++) frames.add(index * 100, ending(index % 20));
  return frames;
}

const ending = (place: number): Buffer => Buffer.from(`a picture that ends with number ${place}`);

describe('the pictures that a host has sent', () => {
  test('are found by the clock that they show, in the round of the loop that came last', () => {
    expect(sent(50).byClock(500, 4_900)).toEqual({ index: 45, at: 4_500 });
    expect(sent(50).byClock(500, 4_400)).toEqual({ index: 25, at: 2_500 });
    expect(sent(3).byClock(500, 4_400)).toBeUndefined();
  });

  test('are found by how they end, whatever is before that, and not before they were sent', () => {
    const longer = Buffer.concat([Buffer.from('cut in another way: '), ending(5)]);
    expect(sent(50).byBytes(longer, 4_900)).toEqual({ index: 45, at: 4_500 });
    expect(sent(50).byBytes(longer, 600)).toEqual({ index: 5, at: 500 });
    expect(sent(50).byBytes(Buffer.from('another picture of somebody else'), 4_900)).toBeUndefined();
  });

  test('are those of a window, by when they were sent', () => {
    expect(
      sent(50)
        .between(1_000, 1_300)
        .map(({ index }) => index),
    ).toEqual([10, 11, 12]);
  });
});
