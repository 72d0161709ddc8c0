import { expect, test } from '@jest/globals';
import { BoundedMap } from '../../../src/base/bounded-map.ts';

test('a full map evicts the least recently used entry', () => {
  const map = new BoundedMap<string, number>(2);
  map.set('a', 1);
  map.set('b', 2);
  map.get('a');
  map.set('c', 3);
  expect([map.get('a'), map.get('b'), map.get('c')]).toEqual([1, undefined, 3]);
  expect(map.size).toBe(2);
});

test('setting an existing key does not evict', () => {
  const map = new BoundedMap<string, number>(2);
  for (let value = 0; value < 10; value += 1) map.set('a', value);
  map.set('b', 1);
  expect([map.get('a'), map.size]).toEqual([9, 2]);
  map.delete('a');
  expect(map.get('a')).toBeUndefined();
});

test('entries without a value are found', () => {
  const map = new BoundedMap<string, undefined>(2);
  map.set('a', undefined);
  expect([map.has('a'), map.has('b')]).toEqual([true, false]);
});
