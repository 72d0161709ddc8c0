import { expect, test } from '@jest/globals';
import { ViewerCounter } from '../../../src/origin/viewer-counter.ts';

const limits = { windowMs: 15_000, perAddress: 3, total: 5 };
const player = (viewer: string, address = '10.0.0.1') => ({ viewer, address });

test('a player that polls repeatedly is one viewer', () => {
  const viewers = new ViewerCounter(limits);
  for (const at of [0, 2000, 4000]) viewers.seen('a', player('one'), at);
  viewers.seen('a', player('two'), 4000);
  viewers.seen('b', player('one'), 4000);
  expect(viewers.count('a', 4000)).toBe(2);
  expect(viewers.count('b', 4000)).toBe(1);
});

test('a player that has not polled for 15 seconds is no longer counted', () => {
  const viewers = new ViewerCounter(limits);
  viewers.seen('a', player('one'), 0);
  viewers.seen('a', player('two'), 1000);
  viewers.seen('a', player('one'), 10_000);
  expect(viewers.count('a', 15_999)).toBe(2);
  expect(viewers.count('a', 16_000)).toBe(1);
  viewers.prune(100_000);
  expect(viewers.count('a', 100_000)).toBe(0);
});

test('one address can claim only so many players, and keeps those that it has', () => {
  const viewers = new ViewerCounter(limits);
  for (let index = 0; index < 20; index++) viewers.seen('a', player(`viewer-${String(index)}`), 0);
  viewers.seen('a', player('elsewhere', '10.0.0.2'), 0);
  viewers.seen('a', player('viewer-0'), 10_000);
  expect(viewers.count('a', 10_000)).toBe(4);
  expect(viewers.count('a', 15_000)).toBe(1);
  for (const name of ['x', 'y', 'z']) viewers.seen('b', player(name), 15_000);
  expect(viewers.count('b', 15_000)).toBe(2);
});

test('all addresses together can claim only so many players', () => {
  const viewers = new ViewerCounter(limits);
  for (let index = 0; index < 20; index++)
    viewers.seen(`stream-${String(index)}`, player('one', `10.0.1.${String(index)}`), 0);
  const counted = Array.from({ length: 20 }, (_, index) => viewers.count(`stream-${String(index)}`, 0));
  expect(counted.reduce((sum, one) => sum + one, 0)).toBe(5);
  viewers.prune(15_000);
  viewers.seen('later', player('one'), 15_000);
  expect(viewers.count('later', 15_000)).toBe(1);
});

test('long names are distinguished', () => {
  const viewers = new ViewerCounter(limits);
  for (const end of ['1', '2']) viewers.seen('a', player(`${'x'.repeat(200)}${end}`), 0);
  expect(viewers.count('a', 0)).toBe(2);
});
