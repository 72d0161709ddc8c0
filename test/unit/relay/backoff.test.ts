import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { backoffMs } from '../../../src/relay/backoff.ts';

const limits = { firstMs: 250, maxMs: 10_000 };

test('doubles from the first delay up to the last', () => {
  expect([1, 2, 3, 4].map((failures) => backoffMs(failures, limits, 0.5))).toEqual([250, 500, 1_000, 2_000]);
  expect(backoffMs(1_000_000, limits, 0.5)).toBe(10_000);
});

test('is spread by a fifth and never further', () => {
  fc.assert(
    fc.property(fc.nat(), fc.double({ min: 0, max: 1, noNaN: true }), (failures, random) => {
      const middle = backoffMs(failures, limits, 0.5);
      const delay = backoffMs(failures, limits, random);
      expect(delay).toBeGreaterThanOrEqual(middle * 0.8 - 1e-6);
      expect(delay).toBeLessThanOrEqual(middle * 1.2 + 1e-6);
    }),
  );
});
