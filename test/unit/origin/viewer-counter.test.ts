import { expect, test } from '@jest/globals';
import { ViewerCounter } from '../../../src/origin/viewer-counter.ts';

test('a player that polls repeatedly is one viewer', () => {
  const viewers = new ViewerCounter(15_000);
  for (const at of [0, 2000, 4000]) viewers.seen('a', 'one', at);
  viewers.seen('a', 'two', 4000);
  viewers.seen('b', 'one', 4000);
  expect(viewers.count('a', 4000)).toBe(2);
  expect(viewers.count('b', 4000)).toBe(1);
});

test('a player that has not polled for 15 seconds is no longer counted', () => {
  const viewers = new ViewerCounter(15_000);
  viewers.seen('a', 'one', 0);
  viewers.seen('a', 'two', 1000);
  viewers.seen('a', 'one', 10_000);
  expect(viewers.count('a', 15_999)).toBe(2);
  expect(viewers.count('a', 16_000)).toBe(1);
  viewers.prune(100_000);
  expect(viewers.count('a', 100_000)).toBe(0);
});
