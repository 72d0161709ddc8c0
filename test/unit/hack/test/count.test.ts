import { expect, test } from '@jest/globals';
import { addedUp, closingLine, parseClosingLine } from '../../../../hack/test/count.ts';

test('a closing line is read back', () => {
  const count = addedUp([
    { passed: 3, failed: 1 },
    { passed: 4, failed: 0 },
  ]);
  expect(closingLine(count)).toBe('7 passed, 1 failed');
  expect(parseClosingLine(closingLine(count))).toEqual(count);
});

test.each(['', '7 passed', 'unit: 7 passed, 1 failed', '7 passed, 1 failed (3 s)'])(
  '%j is no closing line',
  (line) => {
    expect(parseClosingLine(line)).toBeUndefined();
  },
);
