import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { KeyframeRequests } from '../../../../src/relay/page/keyframe-requests.ts';

const INTERVAL = 2_000;

/** When requests are made from 0 to `until`, asked each 10 ms, while keyframes come at `keyframes`. */
function requests(until: number, keyframes: readonly number[] = [], wants: readonly number[] = []): number[] {
  const decision = new KeyframeRequests(INTERVAL);
  const made: number[] = [];
  for (let now = 0; now <= until; now += 10) {
    if (keyframes.includes(now)) decision.keyframeCame(now);
    if (wants.includes(now)) decision.want();
    if (decision.due(now)) made.push(now);
  }
  return made;
}

describe('KeyframeRequests', () => {
  test('asks at once where no keyframe is known', () => {
    expect(requests(0)).toEqual([0]);
  });

  test('asks when the last keyframe is as old as the interval', () => {
    expect(requests(4_400, [0, 2_200])).toEqual([2_000, 4_200]);
  });

  test('does not ask where keyframes come by themselves', () => {
    expect(requests(8_000, [0, 1_900, 3_800, 5_700, 7_600])).toEqual([]);
  });

  test('asks ever more seldom where nobody answers', () => {
    expect(requests(40_000, [0])).toEqual([2_000, 2_500, 3_500, 5_500, 9_500, 17_500, 25_500, 33_500]);
  });

  test('asks as ever once it was answered', () => {
    expect(requests(12_200, [0, 10_000])).toEqual([2_000, 2_500, 3_500, 5_500, 9_500, 12_000]);
  });

  test('asks at once for one that is wanted, but not within half a second of the last request', () => {
    expect(requests(1_900, [0], [500, 600, 700])).toEqual([500, 1_000]);
  });

  test('does not ask for a wanted one that has come meanwhile', () => {
    expect(requests(1_900, [0, 800], [500, 600])).toEqual([500]);
  });

  test('asks a new receiver, whenever the one before gave a keyframe', () => {
    const decision = new KeyframeRequests(INTERVAL);
    decision.keyframeCame(0);
    expect(decision.due(100)).toBe(false);
    decision.restart();
    expect(decision.due(200)).toBe(true);
  });

  test('never asks twice within half a second, whatever happens', () => {
    const times = fc.array(fc.integer({ min: 0, max: 600 }).map((step) => step * 10));
    fc.assert(
      fc.property(times, times, (keyframes, wants) => {
        const made = requests(6_000, keyframes, wants);
        return made.every((at, index) => index === 0 || at - (made[index - 1] ?? NaN) >= 500);
      }),
    );
  });
});
