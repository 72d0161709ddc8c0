import { expect, test } from '@jest/globals';
import { mapConcurrent } from '../../../src/base/map-concurrent.ts';

test('processes all items with bounded concurrency', async () => {
  let atOnce = 0;
  let most = 0;
  const done: number[] = [];
  await mapConcurrent([1, 2, 3, 4, 5, 6, 7], 3, async (item) => {
    most = Math.max(most, ++atOnce);
    await Promise.resolve();
    done.push(item);
    atOnce--;
  });
  expect(done.sort()).toEqual([1, 2, 3, 4, 5, 6, 7]);
  expect(most).toBe(3);
});
