import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { FakeClock } from '../../../src/base/testing/fake-clock.ts';
import { WorkQueue } from '../../../src/kube/workqueue.ts';

/** The contract of a queue in the simplest form: a list that is searched. */
class Model {
  readonly wanted = new Map<string, { priority: number; dueAt: number; order: number }>();
  readonly working = new Set<string>();
  #order = 0;

  add(key: string, priority: number, dueAt: number): void {
    const old = this.wanted.get(key);
    if (old === undefined) this.wanted.set(key, { priority, dueAt, order: this.#order++ });
    else {
      if (priority > old.priority) [old.priority, old.order] = [priority, this.#order++];
      old.dueAt = Math.min(old.dueAt, dueAt);
    }
  }

  due(now: number): string[] {
    return [...this.wanted]
      .filter(([key, { dueAt }]) => dueAt <= now && !this.working.has(key))
      .sort(([, a], [, b]) => b.priority - a.priority || a.order - b.order)
      .map(([key]) => key);
  }

  take(key: string): void {
    this.wanted.delete(key);
    this.working.add(key);
  }
}

const key = fc.constantFrom('a', 'b', 'c', 'd', 'e');
const step = fc.oneof(
  fc.record({
    do: fc.constant('add' as const),
    key,
    priority: fc.constantFrom(-100, 0, 0, 10),
    afterMs: fc.constantFrom(0, 0, 10, 50),
  }),
  fc.record({ do: fc.constant('take' as const) }),
  fc.record({ do: fc.constant('done' as const), which: fc.nat(4) }),
  fc.record({ do: fc.constant('advance' as const), ms: fc.constantFrom(1, 10, 40) }),
);

describe('work queue, with any operations', () => {
  test('returns the same keys as the simple model, in the same order', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
        const clock = new FakeClock();
        const queue = new WorkQueue({ clock, random: () => 0 });
        const model = new Model();
        for (const each of steps) {
          const now = clock.monotonic();
          if (each.do === 'add') {
            queue.add(each.key, each);
            model.add(each.key, each.priority, now + each.afterMs);
          } else if (each.do === 'take') {
            const [expected] = model.due(now);
            if (expected === undefined) continue;
            const taken = await queue.get();
            expect(taken).toBe(expected);
            model.take(expected);
          } else if (each.do === 'done') {
            const busy = [...model.working][each.which];
            if (busy === undefined) continue;
            queue.done(busy);
            model.working.delete(busy);
          } else await clock.advance(each.ms);
          expect(queue.depth).toBe(model.due(clock.monotonic()).length);
        }
      }),
      { numRuns: 300 },
    );
  });

  test('loses no key and never processes one concurrently with several workers', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ key, afterMs: fc.nat(30), workMs: fc.nat(20) }), {
          minLength: 1,
          maxLength: 40,
        }),
        fc.integer({ min: 1, max: 4 }),
        async (adds, workers) => {
          const clock = new FakeClock();
          const queue = new WorkQueue({ clock, random: () => 0 });
          const busy = new Set<string>();
          const seenAt = new Map<string, number>();
          const work = Array.from({ length: workers }, async (_, index) => {
            for (let taken = await queue.get(); taken !== undefined; taken = await queue.get()) {
              expect(busy.has(taken)).toBe(false);
              busy.add(taken);
              seenAt.set(taken, clock.monotonic());
              await clock.sleep(adds[index % adds.length]?.workMs ?? 0);
              busy.delete(taken);
              queue.done(taken);
            }
          });
          const addedAt = new Map<string, number>();
          for (const { key: added, afterMs } of adds) {
            queue.add(added, { afterMs });
            addedAt.set(added, clock.monotonic());
            await clock.advance(3);
          }
          await clock.advance(5_000);
          queue.shutDown();
          await Promise.all(work);
          for (const [added, at] of addedAt) expect(seenAt.get(added)).toBeGreaterThanOrEqual(at);
          expect(queue.depth).toBe(0);
        },
      ),
      { numRuns: 60 },
    );
  });
});
