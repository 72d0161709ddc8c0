import { describe, expect, test } from '@jest/globals';
import { FakeClock } from '../../../src/base/testing/fake-clock.ts';
import { LOW_PRIORITY, WorkQueue } from '../../../src/kube/workqueue.ts';

function setUp() {
  const clock = new FakeClock();
  const queue = new WorkQueue({ clock, random: () => 0 });
  /** Takes the keys that are due now, without waiting for more. */
  const drain = async (): Promise<string[]> => {
    const taken: string[] = [];
    while (queue.depth > 0) taken.push((await queue.get()) ?? 'closed');
    return taken;
  };
  return { clock, queue, drain };
}

describe('work queue', () => {
  test('returns a key once, however often it was added', async () => {
    const { queue, drain } = setUp();
    queue.add('a');
    queue.add('b');
    queue.add('a');
    expect(await drain()).toEqual(['a', 'b']);
  });

  test('orders keys by priority, then by the order of arrival', async () => {
    const { queue, drain } = setUp();
    queue.add('old-1', { priority: LOW_PRIORITY });
    queue.add('old-2', { priority: LOW_PRIORITY });
    queue.add('news-1');
    queue.add('urgent', { priority: 10 });
    queue.add('news-2');
    expect(await drain()).toEqual(['urgent', 'news-1', 'news-2', 'old-1', 'old-2']);
  });

  test.each([NaN, Infinity, -Infinity])('refuses a delay of %p ms', (afterMs) => {
    const { queue } = setUp();
    expect(() => {
      queue.add('a', { afterMs });
    }).toThrow(RangeError);
    expect(queue.size).toBe(0);
  });

  test('waits for a delay that is longer than a timer can wait', async () => {
    const { clock, queue, drain } = setUp();
    queue.add('a', { afterMs: 1e15 });
    await clock.advance(2 ** 31 - 2);
    expect(queue.depth).toBe(0);
    await clock.advance(1);
    expect(await drain()).toEqual(['a']);
  });

  test('lets a changed key overtake those of the resync', async () => {
    const { queue, drain } = setUp();
    queue.add('a', { priority: LOW_PRIORITY });
    queue.add('b', { priority: LOW_PRIORITY });
    queue.add('b');
    queue.add('a', { priority: LOW_PRIORITY - 1 });
    expect(await drain()).toEqual(['b', 'a']);
  });

  test('never returns a key to two workers, and returns it again if it was added meanwhile', async () => {
    const { queue } = setUp();
    queue.add('a');
    expect(await queue.get()).toBe('a');
    queue.add('a');
    expect(queue.depth).toBe(0);
    const second = queue.get();
    queue.done('a');
    expect(await second).toBe('a');
    queue.done('a');
    expect(queue.depth).toBe(0);
  });

  test('keeps the priority of a key that was added meanwhile', async () => {
    const { queue, drain } = setUp();
    queue.add('a');
    await queue.get();
    queue.add('b');
    queue.add('a', { priority: 5 });
    queue.done('a');
    expect(await drain()).toEqual(['a', 'b']);
  });

  test('delays a key until its time, and uses the earliest time', async () => {
    const { clock, queue } = setUp();
    queue.add('a', { afterMs: 5_000 });
    queue.add('a', { afterMs: 1_000 });
    queue.add('a', { afterMs: 9_000 });
    const taken = queue.get();
    await clock.advance(999);
    expect(queue.depth).toBe(0);
    await clock.advance(1);
    expect(await taken).toBe('a');
    queue.done('a');
    await clock.advance(10_000);
    expect(queue.depth).toBe(0);
  });

  test('a key added without delay does not wait for an earlier delay', async () => {
    const { queue, drain } = setUp();
    queue.add('a', { afterMs: 5_000 });
    queue.add('a');
    expect(await drain()).toEqual(['a']);
  });

  test('a delay that ends while the key is processed takes effect afterwards', async () => {
    const { clock, queue, drain } = setUp();
    queue.add('a');
    await queue.get();
    queue.add('a', { afterMs: 100 });
    await clock.advance(200);
    expect(queue.depth).toBe(0);
    queue.done('a');
    expect(await drain()).toEqual(['a']);
  });

  test('increases the delay after each consecutive failure, until forget', async () => {
    const { clock, queue } = setUp();
    const delays: number[] = [];
    const fail = async (): Promise<void> => {
      const start = clock.monotonic();
      queue.addRateLimited('a');
      const taken = queue.get();
      while (queue.depth === 0 && clock.pending > 0) await clock.advance(5);
      await taken;
      queue.done('a');
      delays.push(clock.monotonic() - start);
    };
    for (let n = 0; n < 5; n += 1) await fail();
    expect(delays).toEqual([5, 10, 20, 40, 80]);
    expect(queue.failures('a')).toBe(5);
    queue.forget('a');
    delays.length = 0;
    await fail();
    expect(delays).toEqual([5]);
  });

  test('ends waiting takers when it is shut down, and accepts no more keys', async () => {
    const { queue } = setUp();
    queue.add('working');
    await queue.get();
    const waiting = queue.get();
    queue.shutDown();
    queue.add('late');
    queue.done('working');
    expect(await waiting).toBeUndefined();
    expect(await queue.get()).toBeUndefined();
  });

  test('leaves no timer behind when it is shut down', () => {
    const { clock, queue } = setUp();
    queue.add('a', { afterMs: 60_000 });
    expect(clock.pending).toBe(1);
    queue.shutDown();
    expect(clock.pending).toBe(0);
  });

  test('does not grow when a key is delayed repeatedly', async () => {
    const { queue, clock } = setUp();
    for (let n = 0; n < 1_000; n += 1) {
      queue.add('a');
      await queue.get();
      queue.add('a', { afterMs: 600_000 });
      queue.done('a');
    }
    expect(queue.size).toBeLessThan(100);
    expect(clock.pending).toBe(1);
  });
});
