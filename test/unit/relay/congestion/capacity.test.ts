import { expect, test } from '@jest/globals';
import { capacityKbps, lookAgain, unknownCapacity } from '../../../../src/relay/congestion/capacity.ts';

/** Ten looks per second at a path that accepts so much while its lag is this. */
function looks(parts: readonly { seconds: number; kbps: number; lagMs: number }[]): number | undefined {
  let capacity = unknownCapacity;
  let [now, bytes] = [1_000, 0];
  for (const { seconds, kbps, lagMs } of parts) {
    for (let tick = 0; tick < seconds * 10; tick++) {
      now += 100;
      bytes += kbps * 12.5;
      capacity = lookAgain(capacity, bytes, lagMs, now);
    }
  }
  return capacityKbps(capacity);
}

test('what a path accepts is measured while it is busy', () => {
  expect(looks([{ seconds: 5, kbps: 1_200, lagMs: 900 }])).toBeCloseTo(1_200);
  const audioOnly = { seconds: 3, kbps: 140, lagMs: 0 };
  expect(looks([{ seconds: 5, kbps: 1_200, lagMs: 900 }, audioOnly])).toBeCloseTo(1_200);
});

test('nothing is known of a path that was never busy for a second', () => {
  expect(looks([{ seconds: 60, kbps: 2_800, lagMs: 80 }])).toBeUndefined();
  expect(looks([{ seconds: 0.9, kbps: 2_800, lagMs: 500 }])).toBeUndefined();
});

test('a path that becomes slower is noticed within seconds', () => {
  const kbps = looks([
    { seconds: 60, kbps: 2_000, lagMs: 900 },
    { seconds: 10, kbps: 500, lagMs: 900 },
  ]);
  expect(kbps).toBeLessThan(900);
});
