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

// Each wait has its own deadline; this one is only for what hangs.
jest.setTimeout(120_000);

let server: WidgetServer;
const endings: (() => Promise<void>)[] = [];

beforeAll(async () => {
  // ConfigMaps straight from etcd, whose past is forgotten after seconds: that is where 410 comes from.
  server = await startWidgetServer(['--etcd-compaction-interval=2s', '--watch-cache-sizes=configmaps#0']);
}, 180_000);
afterEach(async () => {
  for (const end of endings.splice(0).reverse()) await end();
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
});

/** A reflector behind a proxy, with what it told so far. */
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
  const told: string[] = [];
  reflector.subscribe(({ type: what, object, unseen = false }: Change<T>) => {
    told.push(`${what} ${object.metadata.name}${unseen ? ' unseen' : ''}`);
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
  const toldOf = (line: string): Promise<true> =>
    eventually(`"${line}" is told (so far: ${told.join(', ')})`, 20, () =>
      told.includes(line) ? true : undefined,
    );
  return { reflector, proxy, counts, told, toldOf, names, stop, running };
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
  test('fills its store page by page, then follows', async () => {
    const namespace = await server.namespace();
    for (const name of ['a', 'b', 'c', 'd', 'e']) await put(namespace, name, {}, { team: 'red' });
    const options = { namespace, pageSize: 2, indexes: { team: byLabel('team') } };
    const { reflector, names, told, toldOf } = await follow(configMapType, options);
    expect(names()).toEqual(['a', 'b', 'c', 'd', 'e']);
    await put(namespace, 'f', {}, { team: 'blue' });
    await toldOf('added f');
    await put(namespace, 'a', { x: '1' }, { team: 'blue' });
    await toldOf('updated a');
    await drop(namespace, 'b');
    await toldOf('deleted b');
    expect(told.filter((line) => line === 'added a')).toHaveLength(1);
    const blue = reflector.store.byIndex('team', `${namespace}/blue`).map((each) => keyOf(each.metadata));
    expect(blue.sort()).toEqual([`${namespace}/a`, `${namespace}/f`]);
    expect(Object.isFrozen(reflector.store.list()[0]?.metadata)).toBe(true);
  });

  test('goes on where it was after a reset connection, without another list', async () => {
    const namespace = await server.namespace();
    await widget(namespace, 'a');
    const { proxy, counts, toldOf, told } = await follow(widgetType, { namespace });
    for (const name of ['b', 'c', 'd']) {
      proxy.reset();
      await widget(namespace, name);
      await toldOf(`added ${name}`);
    }
    expect(counts.lists).toBe(1);
    expect(told.filter((line) => line.startsWith('added'))).toEqual([
      'added a',
      'added b',
      'added c',
      'added d',
    ]);
  });

  test('goes on after watches that the server ends, without another list and without a failure', async () => {
    const namespace = await server.namespace();
    const { counts, toldOf } = await follow(widgetType, { namespace, watchSeconds: 1 });
    await eventually('some watches came and went', 20, () => (counts.watches >= 4 ? true : undefined));
    await widget(namespace, 'late');
    await toldOf('added late');
    expect(counts).toMatchObject({ lists: 1, failures: 0 });
  });

  test('notices a connection that is open and dead', async () => {
    const namespace = await server.namespace();
    const { proxy, toldOf, counts } = await follow(widgetType, { namespace, inactivityMs: 2_000 });
    await widget(namespace, 'a');
    await toldOf('added a');
    proxy.stall();
    await widget(namespace, 'b');
    await toldOf('added b');
    expect(counts.lists).toBe(1);
  });

  test('after 410 finds what was deleted, and what has the name of another object by now', async () => {
    const namespace = await server.namespace();
    for (const name of ['stays', 'goes', 'phoenix']) await put(namespace, name);
    const { proxy, counts, told, toldOf, names } = await follow(configMapType, { namespace });
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
    told.length = 0;
    proxy.mend();
    await toldOf('added comes');
    expect(counts.lists).toBe(2);
    await toldOf('deleted goes unseen');
    const phoenix = told.filter((line) => line.includes('phoenix'));
    expect(phoenix).toEqual(['deleted phoenix unseen', 'added phoenix']);
    expect(told.filter((line) => line.includes('stays'))).toEqual([]);
    expect(names()).toEqual(['comes', 'phoenix', 'stays', 'ticks']);
  });

  test('survives a crash of the API server, and what happens meanwhile', async () => {
    const namespace = await server.namespace();
    for (const name of ['stays', 'goes']) await widget(namespace, name);
    const { proxy, toldOf, names } = await follow(widgetType, { namespace });
    proxy.cut();
    await server.admin.delete(widgetType, { namespace, name: 'goes' });
    await server.controlPlane.killApiServer();
    await server.controlPlane.startApiServer();
    await eventually('it takes a new one', 20, () => widget(namespace, 'comes'));
    proxy.mend();
    await toldOf('added comes');
    await eventually('the deletion is noticed', 20, () => (names().includes('goes') ? undefined : true));
    expect(names()).toEqual(['comes', 'stays']);
  });

  test('waits for an API server that is not there yet', async () => {
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
    await eventually('it has tried', 10, () => (failures > 0 ? true : undefined));
    expect(reflector.hasSynced).toBe(false);
    proxy.mend();
    await reflector.synced();
    expect(reflector.store.size).toBe(1);
    stop.abort();
    await running;
  });

  test('an object that cannot be read does not hide the others, and does not count as gone', async () => {
    const namespace = await server.namespace();
    const { parse: _, ...unchecked } = widgetType;
    await server.admin.apply<Widget>(unchecked, {
      metadata: { namespace, name: 'odd' },
      spec: { size: 1_000 },
    });
    await widget(namespace, 'fine');
    const { reflector, names, toldOf } = await follow(widgetType, { namespace });
    expect(names()).toEqual(['fine']);
    expect(reflector.store.unreadable().map(({ name }) => name)).toEqual(['odd']);
    await widget(namespace, 'odd', 5);
    await toldOf('added odd');
    expect(reflector.store.unreadable()).toEqual([]);
    await server.admin.delete(widgetType, { namespace, name: 'odd' });
    await toldOf('deleted odd');
  });

  test('a subscriber that throws disturbs nobody', async () => {
    const namespace = await server.namespace();
    const { reflector, toldOf } = await follow(configMapType, { namespace });
    reflector.subscribe(() => {
      throw new Error('bad subscriber');
    });
    await put(namespace, 'a');
    await put(namespace, 'b');
    await toldOf('added b');
  });

  test('when it is stopped nothing of it stays, also in the middle of an outage', async () => {
    const namespace = await server.namespace();
    const { proxy, stop, running, counts } = await follow(configMapType, { namespace });
    proxy.cut();
    await eventually('it has noticed', 10, () => (counts.failures > 1 ? true : undefined));
    stop.abort();
    await running;
    const { opened } = proxy;
    proxy.mend();
    await observeFor(0.3); // longer than until its next attempt
    expect(proxy.opened).toBe(opened);
  });
});
