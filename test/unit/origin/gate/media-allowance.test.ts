import { describe, expect, test } from '@jest/globals';
import { MediaAllowance } from '../../../../src/origin/gate/media-allowance.ts';

/** 8 kbit/s, which is 1 byte a millisecond, over 10 s. */
const allowance = () => new MediaAllowance(8, 10, 0);

describe('a publisher is within its bitrate', () => {
  test('while it sends at the highest bitrate, for any time', () => {
    const own = allowance();
    for (let at = 0; at < 100_000; at += 100) expect(own.take(100, at)).toBe(true);
  });

  test('if it sends what it held back for the window at once', () => {
    expect(allowance().take(10_000, 0)).toBe(true);
  });

  test('not after more than the window holds, however long it was silent', () => {
    const own = allowance();
    expect(own.take(10_001, 3_600_000)).toBe(false);
  });

  test('not when it is a little too fast for long', () => {
    const own = allowance();
    const results = Array.from({ length: 1_500 }, (_, index) => own.take(110, index * 100));
    expect(results.indexOf(false)).toBeGreaterThan(900);
  });
});
