import { expect, test } from '@jest/globals';
import { whoLeaves } from '../../../../src/origin/gate/crowd.ts';

const waiting = (...addresses: string[]) => addresses.map((address, arrival) => ({ address, arrival }));

test('of several addresses, the oldest connection of the one that has the most is closed', () => {
  expect(whoLeaves(waiting('relay', 'flood', 'flood', 'other', 'flood'))).toEqual({
    address: 'flood',
    arrival: 1,
  });
});

test('behind one load balancer, the oldest connection is closed', () => {
  expect(whoLeaves(waiting('lb', 'lb', 'lb'))?.arrival).toBe(0);
});

test('nothing is closed where nothing waits', () => {
  expect(whoLeaves(waiting())).toBeUndefined();
});
