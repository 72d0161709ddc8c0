import { request } from 'node:http';
import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { Registry } from 'prom-client';
import { freePorts } from '../../../hack/cluster/free-ports.ts';
import { eventually } from '../../support/wait/eventually.ts';
import { configMapType, leaseType } from '../../../src/kube/core-types.ts';
import type { ReconcileContext } from '../../../src/kube/controller.ts';
import { LeadershipLostError, TerminalError } from '../../../src/kube/errors.ts';
import { silentLogger } from '../../../src/base/logger.ts';
import { Manager, type ManagerOptions } from '../../../src/kube/manager.ts';
import { kubeMetrics } from '../../../src/kube/metrics.ts';
import { controllerReference } from '../../../src/kube/owners.ts';
import type { ObjectRef } from '../../../src/kube/resource.ts';
import { writeStatus } from '../../../src/kube/status.ts';
import { watchFor, watchOwns } from '../../../src/kube/watches.ts';
import { startTcpProxy } from '../../support/faults/tcp-proxy.ts';
import { startWidgetServer, widgetType, type WidgetServer } from './widgets.ts';

// Each wait has its own deadline; this one is only for what hangs.
jest.setTimeout(120_000);

let server: WidgetServer;
const endings: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  server = await startWidgetServer();
}, 180_000);
afterEach(async () => {
  for (const end of endings.splice(0).reverse()) await end();
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
});

const create = (namespace: string, name: string, size = 1) =>
  server.admin.create(widgetType, { metadata: { namespace, name }, spec: { size } });
const child = (namespace: string, name: string) => server.admin.get(configMapType, { namespace, name });

type Reconcile = (
  request: ObjectRef,
  context: ReconcileContext,
) => Promise<{ requeueAfterMs: number } | undefined>;

/**
 * A small operator: each widget gets a ConfigMap of its name and a status. `port` puts a proxy between it and the
 * server.
 */
async function startOperator(
  namespace: string,
  options: Partial<ManagerOptions> & {
    readonly reconcile?: Reconcile;
    readonly workers?: number;
    readonly port?: number;
    readonly reconcileTimeoutMs?: number;
  } = {},
) {
  const client = await server.connect(options.port === undefined ? {} : { port: options.port });
  const manager = new Manager({ client, logger: silentLogger, component: 'widget-operator', ...options });
  const widgets = manager.reflector(widgetType, { namespace });
  const children = manager.reflector(configMapType, { namespace });
  const looks: string[] = [];
  const makeChild: Reconcile = async (ref, { signal }) => {
    const widget = widgets.store.get(ref);
    if (widget === undefined) return undefined;
    if (children.store.get(ref) === undefined) {
      const metadata = { ...ref, ownerReferences: [controllerReference(widget)] };
      await client.apply(configMapType, { metadata, data: { by: options.instance ?? '' } }, { signal });
      manager.events.event(widget, 'Normal', 'Made', 'the child was made');
    }
    await writeStatus(client, widgetType, widget, { ready: true }, { signal });
    return undefined;
  };
  const reconcile = options.reconcile ?? makeChild;
  const controller = manager.controller({
    name: 'widget',
    workers: options.workers ?? 2,
    reconcileTimeoutMs: options.reconcileTimeoutMs,
    watches: [watchFor(widgets), watchOwns(children, widgetType)],
    reconcile: async (ref, context) => {
      looks.push(ref.name);
      return reconcile(ref, context);
    },
  });
  const stop = new AbortController();
  const outcome = { error: undefined as unknown, ended: false };
  const running = manager
    .run(stop.signal)
    .catch((error: unknown) => {
      outcome.error = error;
    })
    .finally(() => {
      outcome.ended = true;
    });
  endings.push(async () => {
    stop.abort();
    await running;
  });
  return { manager, controller, widgets, looks, stop, running, outcome };
}

describe('a controller', () => {
  test('makes what is missing: for what was there before, for what comes, and again for what is deleted', async () => {
    const namespace = await server.namespace();
    await create(namespace, 'before');
    const { looks } = await startOperator(namespace);
    await eventually('before has its child', 10, () => child(namespace, 'before'));
    await create(namespace, 'after');
    const first = await eventually('after has its child', 10, () => child(namespace, 'after'));
    await server.admin.delete(configMapType, { namespace, name: 'after' });
    await eventually('it has a new child', 10, async () => {
      const next = await child(namespace, 'after');
      return next !== undefined && next.metadata.uid !== first.metadata.uid ? true : undefined;
    });
    await eventually('the status is written', 10, async () => {
      const widget = await server.admin.get(widgetType, { namespace, name: 'after' });
      return widget?.status?.ready === true ? true : undefined;
    });
    expect(looks).toContain('before');
  });

  test('at rest it does nothing', async () => {
    const namespace = await server.namespace();
    const registry = new Registry();
    const metrics = kubeMetrics(registry, 'widget_');
    await startOperator(namespace, { metrics });
    await create(namespace, 'quiet');
    await eventually('it has its child', 10, () => child(namespace, 'quiet'));
    const reconciles = async (): Promise<string> =>
      (await registry.metrics())
        .split('\n')
        .filter((line) => line.startsWith('widget_reconcile_total'))
        .join();
    let [last, same] = ['', 0];
    await eventually(
      'nothing is done for two seconds',
      20,
      async () => {
        const now = await reconciles();
        [last, same] = [now, now === last ? same + 1 : 0];
        return same >= 20 ? true : undefined;
      },
      { everyMs: 100 },
    );
  });

  test('never works twice at once on one object, and on several at once with several workers', async () => {
    const namespace = await server.namespace();
    const busy = new Set<string>();
    let [most, overlaps] = [0, 0];
    const operator = await startOperator(namespace, {
      workers: 3,
      reconcile: async ({ name }) => {
        if (busy.has(name)) overlaps += 1;
        busy.add(name);
        most = Math.max(most, busy.size);
        await new Promise((resolve) => setTimeout(resolve, 20));
        busy.delete(name);
        return undefined;
      },
    });
    for (const name of ['a', 'b', 'c', 'd']) await create(namespace, name);
    for (let n = 0; n < 5; n += 1)
      for (const name of ['a', 'b', 'c', 'd'])
        await server.admin.patchMerge(widgetType, { namespace, name }, { spec: { size: n + 2 } });
    await eventually('all is done', 10, () =>
      operator.looks.length >= 8 && busy.size === 0 && operator.controller.queue.depth === 0
        ? true
        : undefined,
    );
    expect(overlaps).toBe(0);
    expect(most).toBeGreaterThan(1);
    expect(most).toBeLessThanOrEqual(3);
  });

  test('tries again after failures, not after a terminal one, and lets no failure hurt the others', async () => {
    const namespace = await server.namespace();
    const registry = new Registry();
    const metrics = kubeMetrics(registry, 'widget_');
    const tries = new Map<string, number>();
    await startOperator(namespace, {
      metrics,
      reconcileTimeoutMs: 200,
      reconcile: async ({ name }, { signal, failures }) => {
        const count = (tries.get(name) ?? 0) + 1;
        tries.set(name, count);
        expect(failures).toBe(name === 'polls' ? 0 : count - 1);
        if (name === 'fails' && count < 4) throw new Error('not yet');
        if (name === 'hopeless') throw new TerminalError('no use');
        if (name === 'faulty' && count === 1) throw new TypeError('undefined is not a function');
        if (name === 'slow' && count === 1)
          await new Promise((_, reject) => {
            signal.addEventListener('abort', () => {
              reject(new Error('aborted'));
            });
          });
        return name === 'polls' ? { requeueAfterMs: 20 } : undefined;
      },
    });
    for (const name of ['fails', 'hopeless', 'faulty', 'slow', 'polls']) await create(namespace, name);
    await eventually('all had their tries', 10, () =>
      tries.get('fails') === 4 &&
      tries.get('faulty') === 2 &&
      tries.get('slow') === 2 &&
      (tries.get('polls') ?? 0) > 5
        ? true
        : undefined,
    );
    expect(tries.get('hopeless')).toBe(1);
    const text = await registry.metrics();
    expect(text).toContain('widget_reconcile_total{controller="widget",result="error"} 6');
    expect(text).toContain('widget_terminal_reconcile_errors_total{controller="widget"} 1');
    expect(text).toContain('widget_reconcile_panics_total{controller="widget"} 1');
    expect(text).toContain('widget_reconcile_timeouts_total{controller="widget"} 1');
    expect(text).toContain('widget_max_concurrent_reconciles{controller="widget"} 2');
    expect(text).toMatch(/widget_workqueue_depth\{name="widget"\} \d/);
  });

  test('lets what it is doing come to its end when it is stopped, within its deadline', async () => {
    const namespace = await server.namespace();
    let finished = 0;
    const { stop, running, looks } = await startOperator(namespace, {
      reconcile: async () => {
        await new Promise((resolve) => setTimeout(resolve, 300));
        finished += 1;
        return undefined;
      },
    });
    await create(namespace, 'a');
    await eventually('it has begun', 10, () => (looks.length > 0 ? true : undefined));
    stop.abort();
    await running;
    expect(finished).toBe(looks.length);
  });

  test('breaks off what does not end in time', async () => {
    const namespace = await server.namespace();
    let reason: unknown;
    const { stop, running, looks } = await startOperator(namespace, {
      shutdownTimeoutMs: 200,
      reconcile: (_, { signal }) =>
        new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => {
            reason = 'told';
            reject(new Error('told'));
          });
        }),
    });
    await create(namespace, 'a');
    await eventually('it has begun', 10, () => (looks.length > 0 ? true : undefined));
    stop.abort();
    await running;
    expect(reason).toBe('told');
  });

  test('goes on by itself after the API server was away', async () => {
    const namespace = await server.namespace();
    await using proxy = await startTcpProxy(new URL(server.controlPlane.url));
    const operator = await startOperator(namespace, { port: proxy.port });
    await create(namespace, 'a');
    await eventually('a has its child', 10, () => child(namespace, 'a'));
    proxy.cut();
    await create(namespace, 'b');
    await server.admin.delete(configMapType, { namespace, name: 'a' });
    proxy.mend();
    await eventually('both have one', 10, async () =>
      (await child(namespace, 'a')) !== undefined && (await child(namespace, 'b')) !== undefined
        ? true
        : undefined,
    );
    operator.stop.abort();
    await operator.running;
  });
});

describe('two replicas', () => {
  const election = (namespace: string, identity: string) => ({
    leaderElection: {
      leaseName: 'widget-operator',
      namespace,
      identity,
      leaseDurationMs: 2_000,
      renewDeadlineMs: 1_200,
      retryPeriodMs: 300,
    },
    instance: identity,
  });

  test('exactly one works; the other one is warm and takes over at once when it leaves', async () => {
    const namespace = await server.namespace();
    const a = await startOperator(namespace, election(namespace, 'a'));
    await eventually('a leads', 10, () => (a.manager.isLeader ? true : undefined));
    const b = await startOperator(namespace, election(namespace, 'b'));
    await create(namespace, 'one');
    await eventually('one has its child', 10, () => child(namespace, 'one'));
    await eventually('b has seen it too', 10, () => (b.widgets.store.size === 1 ? true : undefined));
    expect(b.looks).toEqual([]);

    a.stop.abort();
    await a.running;
    const lease = await server.admin.get(leaseType, { namespace, name: 'widget-operator' });
    expect(lease?.spec?.holderIdentity ?? '').not.toBe('a');
    await create(namespace, 'two');
    const made = await eventually('two has its child', 10, () => child(namespace, 'two'));
    expect(made.data).toEqual({ by: 'b' });
    expect(a.outcome.error).toBeUndefined();
  });

  test('the other one takes over from one that is cut off, which ends itself first', async () => {
    const namespace = await server.namespace();
    await using proxy = await startTcpProxy(new URL(server.controlPlane.url));
    const a = await startOperator(namespace, {
      ...election(namespace, 'a'),
      port: proxy.port,
      shutdownTimeoutMs: 500,
    });
    await eventually('a leads', 10, () => (a.manager.isLeader ? true : undefined));
    const b = await startOperator(namespace, election(namespace, 'b'));
    await eventually('b stands by', 10, () => (b.widgets.hasSynced ? true : undefined));
    let together = 0;
    proxy.cut();
    await eventually(
      'b leads',
      15,
      () => {
        if (a.manager.isLeader && b.manager.isLeader) together += 1;
        return b.manager.isLeader ? true : undefined;
      },
      { everyMs: 5 },
    );
    expect(together).toBe(0);
    await a.running;
    expect(a.outcome.error).toBeInstanceOf(LeadershipLostError);
    await create(namespace, 'later');
    const made = await eventually('later has its child', 10, () => child(namespace, 'later'));
    expect(made.data).toEqual({ by: 'b' });
  });
});

test('the probes tell when the stores are filled, and the metrics are there', async () => {
  const namespace = await server.namespace();
  const registry = new Registry();
  const metrics = kubeMetrics(registry, 'widget_');
  const [port = 0] = await freePorts(1);
  await using proxy = await startTcpProxy(new URL(server.controlPlane.url));
  proxy.cut();
  const operator = await startOperator(namespace, {
    metrics,
    http: { host: '127.0.0.1', port, registry },
    port: proxy.port,
  });
  const ask = (path: string): Promise<string> =>
    new Promise((resolve, reject) => {
      request({ host: '127.0.0.1', port, path, agent: false }, (response) => {
        let text = `${String(response.statusCode)} `;
        response.on('data', (chunk: Buffer) => (text += chunk.toString()));
        response.on('end', () => {
          resolve(text);
        });
      })
        .on('error', reject)
        .end();
    });
  expect(await eventually('the server answers', 5, () => ask('/readyz'))).toMatch(
    /^503 stores: not yet filled: Widget/,
  );
  expect(await ask('/healthz')).toBe('200 ok\n');
  proxy.mend();
  await eventually('it is ready', 20, async () => ((await ask('/readyz')) === '200 ok\n' ? true : undefined));
  expect(await ask('/metrics')).toContain('widget_reflector_objects{kind="Widget"} 0');
  expect(await ask('/else')).toMatch(/^404/);
  operator.stop.abort();
  await operator.running;
});

test('a background task that fails ends the whole program with its error', async () => {
  const client = await server.connect();
  const manager = new Manager({ client, logger: silentLogger, component: 'widget-operator' });
  let stopped = false;
  manager.background({
    name: 'bad',
    needsLeadership: false,
    run: () => Promise.reject(new Error('cannot go on')),
  });
  manager.background({
    name: 'good',
    needsLeadership: true,
    run: (signal) =>
      new Promise((resolve) => {
        const end = (): void => {
          stopped = true;
          resolve();
        };
        if (signal.aborted) end();
        signal.addEventListener('abort', end);
      }),
  });
  await expect(manager.run(new AbortController().signal)).rejects.toThrow('cannot go on');
  expect(stopped).toBe(true);
});
