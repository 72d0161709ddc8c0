/** @jest-environment node */
import { expect, test } from '@jest/globals';
import { linePath, roundAbove } from '../../../../src/web/seller/core/chart.ts';

const MINUTE = 60_000;
const frame = { width: 100, height: 50, from: 0, to: 10 * MINUTE, most: 10 };

test('a line leads from point to point, and an unknown value is a gap', () => {
  const points = [0, 5, undefined, 10, 10].map((value, index) => ({ at: index * MINUTE, value }));
  expect(linePath(points, frame)).toBe('M0 50h0L10 25M30 0h0L40 0');
});

test('minutes without a point are a gap', () => {
  const points = [
    { at: 0, value: 10 },
    { at: 5 * MINUTE, value: 10 },
  ];
  expect(linePath(points, frame)).toBe('M0 0h0M50 0h0');
});

test.each([
  [[], 1],
  [[undefined], 1],
  [[0], 1],
  [[3], 5],
  [[412, 7], 500],
  [[1_000], 1_000],
  [[2_540], 5_000],
])('the upper edge of %j is %i', (values, most) => {
  expect(roundAbove(values)).toBe(most);
});
