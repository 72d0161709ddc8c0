import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { oneLine } from '../../../src/base/one-line.ts';

describe('oneLine', () => {
  test.each([
    ['keeps short text', 'No node has room.', 'No node has room.'],
    ['joins lines', ' first\r\n\tsecond\n', 'first second'],
    ['removes control characters', 'a\u0000b\u001b[31mc', 'a b [31mc'],
    ['shortens at the limit', 'x'.repeat(30), `${'x'.repeat(19)}…`],
    ['keeps text of exactly the limit', 'x'.repeat(20), 'x'.repeat(20)],
    ['does not cut a character in half', `${'x'.repeat(18)}😀😀`, `${'x'.repeat(18)}\u{fffd}…`],
  ])('%s', (_, text, expected) => {
    expect(oneLine(text, 20)).toBe(expected);
  });

  test('is one well-formed line of limited length, whatever it gets', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary', maxLength: 300 }),
        fc.integer({ min: 2, max: 60 }),
        (text, limit) => {
          const line = oneLine(text, limit);
          expect(line.length).toBeLessThanOrEqual(limit);
          expect(line.isWellFormed()).toBe(true);
          expect(line).not.toMatch(/[\p{Cc}\u2028\u2029]/u);
          expect(oneLine(line, limit)).toBe(line);
        },
      ),
    );
  });
});
