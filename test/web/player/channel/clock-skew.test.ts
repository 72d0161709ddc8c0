import { expect, test } from '@jest/globals';
import { clockSkewMs } from '../../../../src/web/player/channel/clock-skew.ts';

test('the answer that took the least time says how far the clocks are apart', () => {
  expect(clockSkewMs([])).toBeUndefined();
  const slow = { serverMs: 20_000, receivedMs: 10_000, roundTripMs: 3_000 };
  const quick = { serverMs: 20_000, receivedMs: 15_000, roundTripMs: 200 };
  // The header has whole seconds, so half a second is added on average.
  expect(clockSkewMs([slow, quick, slow])).toBe(5_600);
});
