import { expect, test } from '@jest/globals';
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

test('chance adds at most its share', () => {
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
