import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { backoffDelay } from '../../../src/base/backoff.ts';

const policy = { initialMs: 5, maxMs: 1_000, factor: 2, jitter: 0 };

test.each([
  [1, 5],
  [2, 10],
  [8, 640],
  [9, 1_000],
  [1_000_000, 1_000],
])('after %i failures the delay is %i ms', (failures, delay) => {
  expect(backoffDelay(policy, failures, () => 0)).toBe(delay);
});

test('jitter adds at most its share', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 10_000 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (failures, chance) => {
        const plain = backoffDelay(policy, failures, () => 0);
        const delay = backoffDelay({ ...policy, jitter: 0.5 }, failures, () => chance);
        expect(delay).toBeGreaterThanOrEqual(plain);
        expect(delay).toBeLessThanOrEqual(plain * 1.5);
      },
    ),
  );
});

describe('spread around the delay', () => {
  const around = { initialMs: 250, maxMs: 10_000, factor: 2, jitter: 0.2, spread: 'around' } as const;

  test('doubles from the first delay up to the last', () => {
    expect([1, 2, 3, 4].map((failures) => backoffDelay(around, failures, () => 0.5))).toEqual([
      250, 500, 1_000, 2_000,
    ]);
    expect(backoffDelay(around, 1_000_000, () => 0.5)).toBe(10_000);
  });

  test('jitter subtracts or adds at most its share', () => {
    fc.assert(
      fc.property(fc.nat(), fc.double({ min: 0, max: 1, noNaN: true }), (failures, chance) => {
        const middle = backoffDelay(around, failures, () => 0.5);
        const delay = backoffDelay(around, failures, () => chance);
        expect(delay).toBeGreaterThanOrEqual(middle * 0.8 - 1e-6);
        expect(delay).toBeLessThanOrEqual(middle * 1.2 + 1e-6);
      }),
    );
  });
});
