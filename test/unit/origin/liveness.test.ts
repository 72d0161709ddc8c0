import { describe, expect, test } from '@jest/globals';
import { isLive, liveSinceAfter, upkeep } from '../../../src/origin/liveness.ts';

const NOW = 1_000_000;
const rules = { resumeSeconds: 60, mediaRetentionSeconds: 300 };
const at = (publishing: boolean, secondsAgo: number | undefined) => ({
  publishing,
  lastSegmentAt: secondsAgo === undefined ? undefined : NOW - secondsAgo * 1000,
  liveSince: secondsAgo === undefined ? undefined : 500,
});

describe('a stream is live', () => {
  test.each([
    ['while somebody publishes and segments come out', at(true, 2), true],
    ['not before the first segment, because there is nothing to play', at(true, undefined), false],
    ['not when the publisher is connected and sends nothing', at(true, 11), false],
    ['not when the publisher is gone', at(false, 1), false],
    ['over a short change of publishers', at(true, 5), true],
  ])('%s', (_when, times, live) => {
    expect(isLive(times, NOW)).toBe(live);
  });
});

describe('since when it is live', () => {
  test('is the arrival of the first frame', () => {
    expect(liveSinceAfter(at(true, undefined), NOW - 2000)).toBe(NOW - 2000);
  });
  test('stays over a short interruption', () => {
    expect(liveSinceAfter(at(true, 5), NOW)).toBe(500);
  });
  test('is new after a long one', () => {
    expect(liveSinceAfter(at(true, 60), NOW)).toBe(NOW);
  });
});

describe('off air', () => {
  test.each([
    ['for a moment: the playlist stays open, the publisher may come back', at(false, 59), 'nothing'],
    ['for a while: players are told that it is over', at(false, 60), 'close'],
    ['for long: the media is deleted', at(false, 300), 'remove'],
    ['never while a publisher is connected', at(true, 1000), 'nothing'],
    ['never before the first segment', at(false, undefined), 'nothing'],
  ])('%s', (_when, times, decision) => {
    expect(upkeep(times, rules, NOW)).toBe(decision);
  });
});
