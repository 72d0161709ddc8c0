import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { TimestampUnwrapper } from '../../../../src/relay/media/timestamp-unwrapper.ts';

describe('TimestampUnwrapper', () => {
  test('continues when 32 bits wrap', () => {
    const unwrapper = new TimestampUnwrapper();
    const first = unwrapper.unwrap(0xffff_fff0);
    expect(unwrapper.unwrap(0x10) - first).toBe(0x20);
  });

  test('preserves every step shorter than half the range, forward or back, from any start', () => {
    const step = fc.integer({ min: -(2 ** 31) + 1, max: 2 ** 31 - 1 });
    fc.assert(
      fc.property(fc.nat(0xffff_ffff), fc.array(step, { maxLength: 50 }), (start, steps) => {
        const unwrapper = new TimestampUnwrapper();
        let exact = start;
        let unwrapped = unwrapper.unwrap(start);
        for (const by of steps) {
          exact += by;
          const next = unwrapper.unwrap(((exact % 2 ** 32) + 2 ** 32) % 2 ** 32);
          expect(next - unwrapped).toBe(by);
          unwrapped = next;
        }
      }),
    );
  });
});
