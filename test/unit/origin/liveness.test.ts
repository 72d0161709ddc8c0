import { describe, expect, test } from '@jest/globals';
import { isLive, liveSinceAfter, upkeep, whyCut } from '../../../src/origin/liveness.ts';

const NOW = 1_000_000;
const rules = { resumeSeconds: 60, mediaRetentionSeconds: 300 };
const at = (publishing: boolean, secondsAgo: number | undefined) => ({
  publishing,
  lastSegmentAt: secondsAgo === undefined ? undefined : NOW - secondsAgo * 1000,
  liveSince: secondsAgo === undefined ? undefined : 500,
});

describe('a stream is', () => {
  test.each([
    ['live while it is published and segments are written', at(true, 2), true],
    ['not live before the first segment, because it cannot be played yet', at(true, undefined), false],
    ['not live while the publisher is connected and sends nothing', at(true, 11), false],
    ['not live when the publisher is gone', at(false, 1), false],
    ['live during a short change of publishers', at(true, 5), true],
  ])('%s', (_when, times, live) => {
    expect(isLive(times, NOW)).toBe(live);
  });
});

describe('the start of live', () => {
  test('is the arrival of the first frame', () => {
    expect(liveSinceAfter(at(true, undefined), NOW - 2000)).toBe(NOW - 2000);
  });
  test('is kept during a short interruption', () => {
    expect(liveSinceAfter(at(true, 5), NOW)).toBe(500);
  });
  test('is new after a long interruption', () => {
    expect(liveSinceAfter(at(true, 60), NOW)).toBe(NOW);
  });
});

describe('a stream off air', () => {
  test.each([
    [
      'keeps its playlist open for a short time, because the publisher may come back',
      at(false, 59),
      'nothing',
    ],
    ['ends its playlist after some time', at(false, 60), 'close'],
    ['loses its media after a long time', at(false, 300), 'remove'],
    ['keeps its playlist open while a publisher is connected', at(true, 1000), 'nothing'],
    ['keeps its playlist open before the first segment', at(false, undefined), 'nothing'],
  ])('%s', (_when, times, decision) => {
    expect(upkeep(times, rules, NOW)).toBe(decision);
  });
});

describe('a publisher is disconnected', () => {
  const figures = { packedSince: NOW - 60_000, lastSegmentAt: NOW - 2_000, packagerMib: 60 };
  test.each([
    ['not while segments are finished', {}, undefined],
    [
      'not before its packager could finish one',
      { packedSince: NOW - 19_000, lastSegmentAt: undefined },
      undefined,
    ],
    [
      'not right after its packager was restarted',
      { packedSince: NOW - 1_000, lastSegmentAt: NOW - 30_000 },
      undefined,
    ],
    ['not because the memory is unknown', { packagerMib: undefined }, undefined],
    ['after 20 s without a keyframe', { lastSegmentAt: NOW - 20_001 }, 'no-keyframe'],
    [
      'if no keyframe has come at all',
      { packedSince: NOW - 20_001, lastSegmentAt: undefined },
      'no-keyframe',
    ],
    ['if its packager needs too much memory', { packagerMib: 193 }, 'packager-memory'],
  ])('%s', (_when, change, reason) => {
    expect(whyCut({ ...figures, ...change }, 192, NOW)).toBe(reason);
  });
});
