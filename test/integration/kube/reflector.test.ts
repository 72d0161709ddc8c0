import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { eventually } from '../../support/wait/eventually.ts';
import { systemClock } from '../../../src/base/clock.ts';
import { configMapType, type ConfigMap } from '../../../src/kube/core-types.ts';
import { silentLogger } from '../../../src/base/logger.ts';
import { byLabel } from '../../../src/kube/owners.ts';
import { Reflector, type Change, type ReflectorOptions } from '../../../src/kube/reflector.ts';
import { keyOf, type KubeObject, type ResourceType } from '../../../src/kube/resource.ts';
import { startTcpProxy, type TcpProxy } from '../../support/faults/tcp-proxy.ts';
import { startWidgetServer, widgetType, type Widget, type WidgetServer } from './widgets.ts';
import { observeFor } from '../../support/wait/observe-for.ts';

// Each wait has its own deadline; this timeout is only for what hangs.
jest.setTimeout(120_000);

let server: WidgetServer;
const endings: (() => Promise<void>)[] = [];

beforeAll(async () => {
  // ConfigMaps are served directly from etcd, which compacts its history after seconds: that is the source of 410.
  server = await startWidgetServer(['--etcd-compaction-interval=2s', '--watch-cache-sizes=configmaps#0']);
}, 180_000);
afterEach(async () => {
  for (const end of endings.splice(0).reverse()) await end();
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
});

/** A reflector behind a proxy, with the changes that it has reported so far. */
async function follow<T extends KubeObject>(type: ResourceType<T>, options: ReflectorOptions<T>) {
  const proxy: TcpProxy = await startTcpProxy(new URL(server.controlPlane.url));
  const client = await server.connect({ port: proxy.port });
  const counts = { lists: 0, watches: 0, failures: 0 };
  const observer = {
    listed: () => (counts.lists += 1),
    watched: () => (counts.watches += 1),
    failed: () => (counts.failures += 1),
    size: () => undefined,
  };
  const reflector = new Reflector(type, options, {
    client,
    clock: systemClock,
    random: Math.random,
    logger: silentLogger,
    observer,
  });
  const changes: string[] = [];
  reflector.subscribe(({ type: what, object, unseen = false }: Change<T>) => {
    changes.push(`${what} ${object.metadata.name}${unseen ? ' unseen' : ''}`);
  });
  const stop = new AbortController();
  const running = reflector.run(stop.signal);
  endings.push(async () => {
    stop.abort();
    await running;
    await proxy[Symbol.asyncDispose]();
  });
  await reflector.synced();
  const names = (): string[] =>
    reflector.store
      .list()
      .map(({ metadata }) => metadata.name)
      .sort();
  const untilChange = (line: string, seconds = 20): Promise<true> =>
    eventually(`"${line}" is reported (so far: ${changes.join(', ')})`, seconds, () =>
      changes.includes(line) ? true : undefined,
    );
  return { reflector, proxy, counts, changes, untilChange, names, stop, running };
}

const put = (
  namespace: string,
  name: string,
  data: Record<string, string> = {},
  labels: Record<string, string> = {},
) => server.admin.apply<ConfigMap>(configMapType, { metadata: { namespace, name, labels }, data });
const drop = (namespace: string, name: string) => server.admin.delete(configMapType, { namespace, name });
const widget = (namespace: string, name: string, size = 1) =>
  server.admin.apply(widgetType, { metadata: { namespace, name }, spec: { size } });

describe('a reflector', () => {
  test('fills its store page by page, then follows changes', async () => {
    const namespace = await server.namespace();
    for (const name of ['a', 'b', 'c', 'd', 'e']) await put(namespace, name, {}, { team: 'red' });
    const options = { namespace, pageSize: 2, indexes: { team: byLabel('team') } };
    const { reflector, names, changes, untilChange } = await follow(configMapType, options);
    expect(names()).toEqual(['a', 'b', 'c', 'd', 'e']);
    await put(namespace, 'f', {}, { team: 'blue' });
    await untilChange('added f');
    await put(namespace, 'a', { x: '1' }, { team: 'blue' });
    await untilChange('updated a');
    await drop(namespace, 'b');
    await untilChange('deleted b');
    expect(changes.filter((line) => line === 'added a')).toHaveLength(1);
    const blue = reflector.store.byIndex('team', `${namespace}/blue`).map((each) => keyOf(each.metadata));
    expect(blue.sort()).toEqual([`${namespace}/a`, `${namespace}/f`]);
    expect(Object.isFrozen(reflector.store.list()[0]?.metadata)).toBe(true);
  });

  test('resumes after a connection reset without another list', async () => {
    const namespace = await server.namespace();
    await widget(namespace, 'a');
    const { proxy, counts, untilChange, changes } = await follow(widgetType, { namespace });
    for (const name of ['b', 'c', 'd']) {
      proxy.reset();
      await widget(namespace, name);
      await untilChange(`added ${name}`);
    }
    expect(counts.lists).toBe(1);
    expect(changes.filter((line) => line.startsWith('added'))).toEqual([
      'added a',
      'added b',
      'added c',
      'added d',
    ]);
  });

  test('resumes after the server has ended a watch, without another list and without a failure', async () => {
    const namespace = await server.namespace();
    const { counts, untilChange } = await follow(widgetType, { namespace, watchSeconds: 1 });
    await eventually('several watches have ended', 20, () => (counts.watches >= 4 ? true : undefined));
    await widget(namespace, 'late');
    await untilChange('added late');
    expect(counts).toMatchObject({ lists: 1, failures: 0 });
  });

  test('detects a half-open connection', async () => {
    const namespace = await server.namespace();
    const { proxy, untilChange, counts } = await follow(widgetType, { namespace, inactivityMs: 2_000 });
    await widget(namespace, 'a');
    await untilChange('added a');
    proxy.stall();
    await widget(namespace, 'b');
    await untilChange('added b');
    expect(counts.lists).toBe(1);
  });

  test('after 410 finds deleted objects and objects that were replaced under the same name', async () => {
    const namespace = await server.namespace();
    for (const name of ['stays', 'goes', 'phoenix']) await put(namespace, name);
    const { proxy, counts, changes, untilChange, names } = await follow(configMapType, { namespace });
    proxy.cut();
    await drop(namespace, 'goes');
    await drop(namespace, 'phoenix');
    await put(namespace, 'phoenix');
    const past = (await server.admin.list(configMapType, { namespace })).resourceVersion;
    await put(namespace, 'comes');
    await eventually(
      'the past is forgotten',
      20,
      async () => {
        await put(namespace, 'ticks', { at: String(performance.now()) });
        const events = server.admin.watch(configMapType, {
          namespace,
          resourceVersion: past,
          timeoutSeconds: 1,
        });
        return events.next().then(
          () => undefined,
          () => true as const,
        );
      },
      { everyMs: 500 },
    );
    changes.length = 0;
    proxy.mend();
    await untilChange('added comes');
    expect(counts.lists).toBe(2);
    await untilChange('deleted goes unseen');
    const phoenix = changes.filter((line) => line.includes('phoenix'));
    expect(phoenix).toEqual(['deleted phoenix unseen', 'added phoenix']);
    expect(changes.filter((line) => line.includes('stays'))).toEqual([]);
    expect(names()).toEqual(['comes', 'phoenix', 'stays', 'ticks']);
  });

  test('survives a crash of the API server and catches up with the changes', async () => {
    const namespace = await server.namespace();
    for (const name of ['stays', 'goes']) await widget(namespace, name);
    const { proxy, untilChange, names } = await follow(widgetType, { namespace });
    proxy.cut();
    await server.admin.delete(widgetType, { namespace, name: 'goes' });
    await server.controlPlane.killApiServer();
    await server.controlPlane.startApiServer();
    await eventually('the API server accepts a write', 20, () => widget(namespace, 'comes'));
    proxy.mend();
    // The delay after failures, which is up to 45 s when the start took long.
    await untilChange('added comes', 60);
    await eventually('the deletion is detected', 20, () => (names().includes('goes') ? undefined : true));
    expect(names()).toEqual(['comes', 'stays']);
  }, 120_000);

  test('waits for an API server that is not running yet', async () => {
    const namespace = await server.namespace();
    await put(namespace, 'a');
    await using proxy = await startTcpProxy(new URL(server.controlPlane.url));
    proxy.cut();
    const client = await server.connect({ port: proxy.port });
    let failures = 0;
    const nothing = (): void => undefined;
    const observer = { listed: nothing, watched: nothing, size: nothing, failed: () => (failures += 1) };
    const context = { client, clock: systemClock, random: Math.random, logger: silentLogger, observer };
    const reflector = new Reflector(configMapType, { namespace }, context);
    const stop = new AbortController();
    const running = reflector.run(stop.signal);
    await eventually('the reflector has tried', 10, () => (failures > 0 ? true : undefined));
    expect(reflector.hasSynced).toBe(false);
    proxy.mend();
    await reflector.synced();
    expect(reflector.store.size).toBe(1);
    stop.abort();
    await running;
  });

  test('an invalid object neither hides the others nor counts as deleted', async () => {
    const namespace = await server.namespace();
    const { parse: _, ...unchecked } = widgetType;
    await server.admin.apply<Widget>(unchecked, {
      metadata: { namespace, name: 'odd' },
      spec: { size: 1_000 },
    });
    await widget(namespace, 'fine');
    const { reflector, names, untilChange } = await follow(widgetType, { namespace });
    expect(names()).toEqual(['fine']);
    expect(reflector.store.unreadable().map(({ name }) => name)).toEqual(['odd']);
    await widget(namespace, 'odd', 5);
    await untilChange('added odd');
    expect(reflector.store.unreadable()).toEqual([]);
    await server.admin.delete(widgetType, { namespace, name: 'odd' });
    await untilChange('deleted odd');
  });

  test('an error of a subscriber does not affect the others', async () => {
    const namespace = await server.namespace();
    const { reflector, untilChange } = await follow(configMapType, { namespace });
    reflector.subscribe(() => {
      throw new Error('bad subscriber');
    });
    await put(namespace, 'a');
    await put(namespace, 'b');
    await untilChange('added b');
  });

  test('leaves nothing running when it is stopped, even during an outage', async () => {
    const namespace = await server.namespace();
    const { proxy, stop, running, counts } = await follow(configMapType, { namespace });
    proxy.cut();
    await eventually('the reflector has detected the outage', 10, () =>
      counts.failures > 1 ? true : undefined,
    );
    stop.abort();
    await running;
    const { opened } = proxy;
    proxy.mend();
    await observeFor(0.3); // longer than until its next attempt
    expect(proxy.opened).toBe(opened);
  });
});
