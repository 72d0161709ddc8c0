import { expect, test } from '@jest/globals';
import { latencyView, unknownLatency, type LatencyFacts } from '../../../../src/web/player/core/latency.ts';

const epochMs = 1_800_000_000_000;
const facts: LatencyFacts = {
  epochMs,
  skewMs: undefined,
  playingDate: new Date(epochMs - 6_000),
  behindSyncSeconds: 0,
  targetDurationSeconds: 2,
};
const shows = (changes: Partial<LatencyFacts>, before = unknownLatency): number | undefined =>
  latencyView({ ...facts, ...changes }, before).behindSeconds;

test('a viewer reads the seconds between the frame and the clock of the service', () => {
  expect(shows({})).toBe(6);
  expect(shows({ skewMs: 3_000 })).toBe(9);
  // The device's clock is an hour fast, and the service's clock says so.
  expect(shows({ epochMs: epochMs + 3_600_000, skewMs: -3_600_000 })).toBe(6);
});

test.each([
  ['there is no programme date-time', { playingDate: undefined }],
  ['the frame is of the future', { playingDate: new Date(epochMs + 1_000) }],
  ['it is behind by more than two minutes', { playingDate: new Date(epochMs - 121_000) }],
  ['the date is invalid', { playingDate: new Date(NaN) }],
])('no figure is shown where %s', (_why, changes) => {
  expect(shows(changes)).toBeUndefined();
});

test('a figure on the border of two seconds does not flicker', () => {
  const six = { behindSeconds: 6, atEdge: true };
  const after = (behindMs: number): number | undefined =>
    shows({ playingDate: new Date(epochMs - behindMs) }, six);
  expect([5_100, 6_400, 6_900].map(after)).toEqual([6, 6, 6]);
  expect([4_900, 7_100].map(after)).toEqual([5, 7]);
});

test('playback leaves the live edge later than it reaches it', () => {
  const atEdge = (behindSyncSeconds: number | undefined, before: boolean): boolean =>
    latencyView({ ...facts, behindSyncSeconds }, { behindSeconds: 6, atEdge: before }).atEdge;
  expect(atEdge(1.9, false)).toBe(true);
  expect(atEdge(2.5, false)).toBe(false);
  expect(atEdge(2.5, true)).toBe(true);
  expect(atEdge(3.1, true)).toBe(false);
  expect(atEdge(undefined, true)).toBe(true);
});
