import { expect, test } from '@jest/globals';
import { parseDuration } from '../../../src/base/duration.ts';

test.each([
  ['90s', 90],
  ['15m', 900],
  ['1h', 3_600],
  ['2d', 172_800],
])('%s is %i seconds', (text, seconds) => {
  expect(parseDuration(text)).toBe(seconds);
});

test.each(['', '1', 'h', '0m', '-1h', '1.5h', '1 h', '1w', '9999999s'])('"%s" is refused', (text) => {
  expect(() => parseDuration(text)).toThrow('write 90s, 15m, 1h or 2d');
});
