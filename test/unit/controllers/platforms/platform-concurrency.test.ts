import { beforeEach, expect, test } from '@jest/globals';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { PlatformConcurrencyLimiter } from '../../../../src/controllers/platforms/platform-concurrency.ts';

let requeued: string[];
let turns: PlatformConcurrencyLimiter;
let finish: (() => void)[];
beforeEach(() => {
  [requeued, finish] = [[], []];
  turns = new PlatformConcurrencyLimiter(({ namespace, name }) =>
    requeued.push(`${String(namespace)}/${name}`),
  );
});

/** Takes a slot until it is finished. Returns the result. */
function take(name: string, platform = 'ivs'): Promise<string | undefined> {
  const ref = { namespace: 'shop', name };
  return turns.take(platform, ref, () => new Promise((resolve) => finish.push(() => resolve(name))));
}
async function fill(platform = 'ivs'): Promise<void> {
  for (let one = 0; one < 6; one += 1) void take(`inside-${String(one)}`, platform);
  await nextTurn();
}
async function finishOne(): Promise<void> {
  finish.shift()?.();
  await nextTurn();
}

test('a limited number of calls runs at a time, and their results are returned', async () => {
  const first = take('first');
  for (let one = 0; one < 5; one += 1) void take(`inside-${String(one)}`);
  expect(await take('late')).toBeUndefined();
  await finishOne();
  expect(await first).toBe('first');
});

test('waiting channels are requeued when a call ends, in the order of arrival, each once', async () => {
  await fill();
  for (const name of ['a', 'b', 'a', 'c']) expect(await take(name)).toBeUndefined();
  await finishOne();
  expect(requeued).toEqual(['shop/a']);
  void take('a');
  await finishOne();
  await finishOne();
  await finishOne();
  expect(requeued).toEqual(['shop/a', 'shop/b', 'shop/c']);
});

test('a failed call frees its slot, too', async () => {
  for (let one = 0; one < 10; one += 1)
    await expect(
      turns.take('ivs', { name: 'bad' }, () => Promise.reject(new Error('platform out'))),
    ).rejects.toThrow('platform out');
  void take('good');
  expect(finish).toHaveLength(1);
});

test('platforms have separate queues', async () => {
  await fill('ivs');
  void take('elsewhere', 'mux');
  expect(finish).toHaveLength(7);
});

test('requeued channels that do not come back do not block others', async () => {
  await fill();
  const gone = Array.from({ length: 6 }, (_, at) => `deleted-${String(at)}`);
  for (const name of [...gone, 'last']) await take(name);
  while (finish.length > 0) await finishOne();
  expect(requeued).toEqual([...gone, 'last'].map((name) => `shop/${name}`));
});
