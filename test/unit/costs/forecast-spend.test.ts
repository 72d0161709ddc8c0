import { expect, test } from '@jest/globals';
import { forecastSpend, secondsLeftOf } from '../../../src/costs/forecast-spend.ts';

const recent = { microDollars: 100_000, seconds: 600 };

test('what is spent, and the pace of the last minutes until the end of the period', () => {
  expect(forecastSpend({ spent: 9_000_000, recent, secondsLeft: 1_800 })).toBe(9_300_000);
  // A month of the example of IVS STANDARD, 100 viewers at 720p for 100 hours: 952 USD and a bit.
  const hour = { microDollars: 9_519_400, seconds: 3_600 };
  expect(forecastSpend({ spent: 0, recent: hour, secondsLeft: 360_000 })).toBe(951_940_000);
});

test('when the period is over it is what was spent, whatever the pace', () => {
  expect(forecastSpend({ spent: 7, recent: undefined, secondsLeft: 0 })).toBe(7);
});

test('what is not known is not forecast', () => {
  expect(forecastSpend({ spent: undefined, recent, secondsLeft: 60 })).toBeUndefined();
  expect(forecastSpend({ spent: 7, recent: undefined, secondsLeft: 60 })).toBeUndefined();
  expect(
    forecastSpend({ spent: 7, recent: { microDollars: 0, seconds: 0 }, secondsLeft: 60 }),
  ).toBeUndefined();
  expect(forecastSpend({ spent: 7, recent, secondsLeft: undefined })).toBeUndefined();
});

test.each([
  ['hour', '2026-11-23T05:00:00Z', 3_600],
  ['hour', '2026-11-23T05:59:59.500Z', 0.5],
  ['month', '2026-11-30T23:00:00Z', 3_600],
  ['month', '2026-12-01T00:00:00Z', 31 * 86_400],
  ['month', '2026-12-31T23:59:59Z', 1],
  ['show', '2026-11-23T05:00:00Z', undefined],
] as const)('of the %s at %s there are %p seconds left', (per, now, left) => {
  expect(secondsLeftOf(per, new Date(now))).toBe(left);
});
