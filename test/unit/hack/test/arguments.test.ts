import { expect, test } from '@jest/globals';
import { parseArguments } from '../../../../hack/test/arguments.ts';

test.each([
  [['unit'], { front: ['unit'], beside: [], jestArguments: [] }],
  [['unit', '--', '--verbose'], { front: ['unit'], beside: [], jestArguments: ['--verbose'] }],
  [['a', 'b', '--beside', 'c', 'd'], { front: ['a', 'b'], beside: ['c', 'd'], jestArguments: [] }],
  [['a', '--beside', 'b', '--', '--beside'], { front: ['a'], beside: ['b'], jestArguments: ['--beside'] }],
])('%j', (args, expected) => {
  expect(parseArguments(args)).toEqual(expected);
});
