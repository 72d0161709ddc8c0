import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { byHour, floorTo } from '../../../src/store/roll-ups.ts';

const minute = fc.integer({ min: 0, max: 100_000 }).map((count) => new Date(count * 60_000));

describe('byHour', () => {
  test('splits at full hours only', () => {
    fc.assert(
      fc.property(minute, fc.integer({ min: 0, max: 600 }), (from, minutes) => {
        const to = new Date(from.getTime() + minutes * 60_000);
        const ranges = byHour({ from, to });
        expect(ranges.reduce((sum, range) => sum + range.to.getTime() - range.from.getTime(), 0)).toBe(
          minutes * 60_000,
        );
        for (const [index, range] of ranges.entries()) {
          const hour = floorTo(3_600_000, range.from).getTime();
          expect(range.to.getTime()).toBeLessThanOrEqual(hour + 3_600_000);
          if (index > 0) {
            expect(range.from).toEqual(ranges[index - 1]?.to);
            expect(range.from.getTime()).toBe(hour);
          }
        }
      }),
    );
  });

  test('returns nothing for an empty range', () => {
    expect(byHour({ from: new Date(60_000), to: new Date(60_000) })).toEqual([]);
    expect(byHour({ from: new Date(120_000), to: new Date(60_000) })).toEqual([]);
  });
});
