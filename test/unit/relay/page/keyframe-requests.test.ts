import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { KeyframeRequests } from '../../../../src/relay/page/keyframe-requests.ts';

const INTERVAL = 2_000;

/** The times of requests from 0 to `until`, evaluated every 10 ms, with keyframes at `keyframes`. */
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
  test('sends a request at once if no keyframe is known', () => {
    expect(requests(0)).toEqual([0]);
  });

  test('sends a request when the last keyframe is as old as the interval', () => {
    expect(requests(4_400, [0, 2_200])).toEqual([2_000, 4_200]);
  });

  test('sends no request if keyframes arrive regularly', () => {
    expect(requests(8_000, [0, 1_900, 3_800, 5_700, 7_600])).toEqual([]);
  });

  test('sends requests at growing intervals without a response', () => {
    expect(requests(40_000, [0])).toEqual([2_000, 2_500, 3_500, 5_500, 9_500, 17_500, 25_500, 33_500]);
  });

  test('sends requests at the normal interval again after a response', () => {
    expect(requests(12_200, [0, 10_000])).toEqual([2_000, 2_500, 3_500, 5_500, 9_500, 12_000]);
  });

  test('sends a request at once if a keyframe is needed, but not within half a second of the last request', () => {
    expect(requests(1_900, [0], [500, 600, 700])).toEqual([500, 1_000]);
  });

  test('sends no request for a keyframe that has arrived meanwhile', () => {
    expect(requests(1_900, [0, 800], [500, 600])).toEqual([500]);
  });

  test('sends a request to a new receiver, whenever the previous one had its last keyframe', () => {
    const decision = new KeyframeRequests(INTERVAL);
    decision.keyframeCame(0);
    expect(decision.due(100)).toBe(false);
    decision.restart();
    expect(decision.due(200)).toBe(true);
  });

  test('never sends two requests within half a second', () => {
    const times = fc.array(fc.integer({ min: 0, max: 600 }).map((step) => step * 10));
    fc.assert(
      fc.property(times, times, (keyframes, wants) => {
        const made = requests(6_000, keyframes, wants);
        return made.every((at, index) => index === 0 || at - (made[index - 1] ?? NaN) >= 500);
      }),
    );
  });
});
