import { expect, test } from '@jest/globals';
import type { Logger } from '../../../src/base/logger.ts';
import { FakeClock } from '../../../src/base/testing/fake-clock.ts';
import { Controller, type ReconcileContext, type ReconcileResult } from '../../../src/kube/controller.ts';
import type { Watch } from '../../../src/kube/watches.ts';
import { LOW_PRIORITY } from '../../../src/kube/workqueue.ts';

const watch: Watch = {
  attach: () => undefined,
  hasSynced: () => true,
  synced: () => Promise.resolve(),
  all: () => [],
};

/** A logger that collects its lines, each with the bindings of all its ancestors. */
function collecting(lines: Record<string, unknown>[], bindings: Record<string, unknown> = {}): Logger {
  const log = (fields: object): void => {
    lines.push({ ...bindings, ...fields });
  };
  return {
    debug: log,
    info: log,
    warn: log,
    error: log,
    child: (more) => collecting(lines, { ...bindings, ...more }),
  };
}

function setUp(reconcile: (name: string, context: ReconcileContext) => ReconcileResult) {
  const clock = new FakeClock();
  const lines: Record<string, unknown>[] = [];
  let seed = 0;
  const controller = new Controller(
    {
      name: 'shows',
      watches: [watch],
      reconcile: ({ name }, context) => Promise.resolve(reconcile(name, context)),
    },
    { clock, random: () => (seed += 0.001), logger: collecting(lines) },
  );
  const stop = new AbortController();
  const end = controller.run(stop.signal, new AbortController().signal);
  return {
    clock,
    controller,
    lines,
    end: async () => {
      stop.abort();
      await end;
    },
  };
}

test('all log lines of one reconcile share a reconcileID, which no other reconcile has', async () => {
  const { clock, controller, lines, end } = setUp((_, { logger }) => {
    logger.info({}, 'first step');
    logger.info({}, 'second step');
    return {};
  });
  for (let turn = 0; turn < 2; turn += 1) {
    controller.enqueue({ namespace: 'shop', name: 'a' });
    await clock.advance(1);
  }
  await end();
  const ids = lines.filter(({ name }) => name === 'a').map(({ reconcileID }) => reconcileID);
  expect(ids).toHaveLength(4);
  expect(ids).toEqual([ids[0], ids[0], ids[2], ids[2]]);
  expect(ids[0]).toMatch(/^[0-9a-f]{16}$/);
  expect(ids[0]).not.toBe(ids[2]);
});

test('a requeue keeps its priority, so that low-priority work stays behind normal work', async () => {
  const order: string[] = [];
  const { clock, controller, end } = setUp((name) => {
    order.push(name);
    return order.length === 1 ? { requeueAfterMs: 1_000 } : {};
  });
  controller.enqueue({ namespace: 'shop', name: 'low' }, { priority: LOW_PRIORITY });
  await clock.advance(1);
  // Due at the same time, and added later: only its priority can put it first.
  controller.enqueue({ namespace: 'shop', name: 'normal' }, { afterMs: 999 });
  await clock.advance(2_000);
  await end();
  expect(order).toEqual(['low', 'normal', 'low']);
});
