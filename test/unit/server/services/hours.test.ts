import { expect, test } from '@jest/globals';
import { hoursOf } from '../../../../src/server/services/store-views.ts';

test('costs are requested from the beginning of an hour, because the ledger has hourly entries', () => {
  const period = { from: '2026-01-01T10:30:00+01:00', to: '2026-01-01T10:40:00Z' };
  expect(hoursOf(period)).toEqual({
    from: new Date('2026-01-01T09:00:00Z'),
    to: new Date('2026-01-01T10:40:00Z'),
  });
});

test('a period that ends before it begins is rejected', () => {
  const backwards = { from: '2026-01-01T10:50:00Z', to: '2026-01-01T10:40:00Z' };
  expect(() => hoursOf(backwards)).toThrow('later than from');
});
