import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { eventually } from '../../support/wait/eventually.ts';
import { connect } from '../../../src/kube/client.ts';
import { setCondition } from '../../../src/api/conditions.ts';
import { systemClock } from '../../../src/base/clock.ts';
import { configMapType, eventType, leaseType, podType } from '../../../src/kube/core-types.ts';
import { ApiError, ConnectionError, TimeoutError, UnreadableObjectError } from '../../../src/kube/errors.ts';
import { EventRecorder } from '../../../src/kube/events.ts';
import { addFinalizer, hasFinalizer, removeFinalizer } from '../../../src/kube/finalizers.ts';
import { toMicroTime } from '../../../src/kube/leader-election.ts';
import { silentLogger } from '../../../src/base/logger.ts';
import { controllerReference } from '../../../src/kube/owners.ts';
import { writeStatus } from '../../../src/kube/status.ts';
import { startTcpProxy } from '../../support/faults/tcp-proxy.ts';
import { startWidgetServer, widgetType, type WidgetServer } from './widgets.ts';

// Each wait has its own deadline; this one is only for what hangs.
jest.setTimeout(120_000);

let server: WidgetServer;

beforeAll(async () => {
  server = await startWidgetServer();
}, 180_000);
afterAll(async () => {
  await server[Symbol.asyncDispose]();
});

const error = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => 'no error',
    (reason: unknown) => reason,
  );

describe('calls', () => {
  test('make, read, list page by page and delete', async () => {
    const { admin } = server;
    const namespace = await server.namespace();
    for (let n = 0; n < 7; n += 1)
      await admin.create(configMapType, {
        metadata: { namespace, name: `c-${String(n)}`, labels: { odd: String(n % 2) } },
        data: { n: String(n) },
      });
    const read = await admin.get(configMapType, { namespace, name: 'c-3' });
    expect(read).toMatchObject({ apiVersion: 'v1', kind: 'ConfigMap', data: { n: '3' } });
    expect(read?.metadata).not.toHaveProperty('managedFields');

    const { items } = await admin.list(configMapType, { namespace, pageSize: 3 });
    expect(items.map(({ metadata }) => metadata.name)).toEqual(
      [0, 1, 2, 3, 4, 5, 6].map((n) => `c-${String(n)}`),
    );
    expect(items[0]).toMatchObject({ apiVersion: 'v1', kind: 'ConfigMap' });
    const odd = await admin.list(configMapType, { namespace, labelSelector: 'odd=1' });
    expect(odd.items).toHaveLength(3);

    expect(await admin.delete(configMapType, { namespace, name: 'c-3' })).toBe(true);
    expect(await admin.delete(configMapType, { namespace, name: 'c-3' })).toBe(false);
    expect(await admin.get(configMapType, { namespace, name: 'c-3' })).toBeUndefined();
  });

  test('say which object, what was wrong and what kind of failure it is', async () => {
    const { admin } = server;
    const namespace = await server.namespace();
    const draft = { metadata: { namespace, name: 'one' }, data: {} };
    const made = await admin.create(configMapType, draft);

    const again = await error(admin.create(configMapType, draft));
    expect(again).toMatchObject({
      status: 409,
      reason: 'AlreadyExists',
      isAlreadyExists: true,
      isConflict: false,
    });
    expect(String(again)).toContain(`create ConfigMap ${namespace}/one`);

    await admin.replace(configMapType, { ...draft, metadata: made.metadata, data: { a: '1' } });
    const stale = await error(admin.replace(configMapType, { ...draft, metadata: made.metadata }));
    expect(stale).toMatchObject({ isConflict: true, isAlreadyExists: false, retryable: false });

    const invalid = await error(
      admin.create(podType, { metadata: { namespace, name: 'p' }, spec: { containers: [] } }),
    );
    expect(invalid).toMatchObject({ isInvalid: true, causes: [{ field: 'spec.containers' }] });

    const unreadable = { metadata: { namespace, name: 'w' }, spec: { size: 1000 } };
    expect(await error(admin.create(widgetType, unreadable))).toBeInstanceOf(UnreadableObjectError);
  });

  test('a patch that is based on an old state is refused', async () => {
    const { admin } = server;
    const namespace = await server.namespace();
    const ref = { namespace, name: 'p' };
    const made = await admin.create(configMapType, { metadata: ref, data: {} });
    const { resourceVersion } = made.metadata;
    const patch = { metadata: { resourceVersion, annotations: { a: '1' } } };
    const patched = await admin.patchMerge(configMapType, ref, patch);
    expect(patched.metadata.annotations).toEqual({ a: '1' });
    expect(await error(admin.patchMerge(configMapType, ref, patch))).toMatchObject({ isConflict: true });
  });

  test('deleting by uid never hits a successor of the same name', async () => {
    const { admin } = server;
    const namespace = await server.namespace();
    const ref = { namespace, name: 'phoenix' };
    const first = await admin.create(configMapType, { metadata: ref });
    await admin.delete(configMapType, ref);
    const second = await admin.create(configMapType, { metadata: ref });
    expect(await admin.delete(configMapType, ref, { uid: first.metadata.uid })).toBe(false);
    expect((await admin.get(configMapType, ref))?.metadata.uid).toBe(second.metadata.uid);
    expect(await admin.delete(configMapType, ref, { uid: second.metadata.uid })).toBe(true);
  });

  test('a lease takes our MicroTime', async () => {
    const namespace = await server.namespace();
    const renewTime = toMicroTime(new Date('2026-01-01T10:00:00.123Z'));
    const lease = await server.admin.create(leaseType, {
      metadata: { namespace, name: 'l' },
      spec: { renewTime },
    });
    expect(lease.spec?.renewTime).toBe('2026-01-01T10:00:00.123000Z');
  });

  test('200 calls, one after the other or at once, share few connections', async () => {
    const namespace = await server.namespace();
    await using proxy = await startTcpProxy(new URL(server.controlPlane.url));
    const client = await server.connect({ port: proxy.port, connections: 8 });
    for (let n = 0; n < 200; n += 1) await client.get(configMapType, { namespace, name: 'none' });
    expect(proxy.opened).toBeLessThanOrEqual(2);
    await Promise.all(Array.from({ length: 200 }, () => client.list(configMapType, { namespace })));
    expect(proxy.opened).toBeLessThanOrEqual(8);
    await client.close();
    await eventually('no connection is left', 5, () => (proxy.open === 0 ? true : undefined));
  });

  test('a read survives a reset connection; a write is not sent twice by itself', async () => {
    const namespace = await server.namespace();
    await using proxy = await startTcpProxy(new URL(server.controlPlane.url));
    const client = await server.connect({ port: proxy.port });
    await client.list(configMapType, { namespace });
    proxy.cut();
    const reading = client.list(configMapType, { namespace });
    const writing = error(client.create(configMapType, { metadata: { namespace, name: 'x' } }));
    expect(await writing).toBeInstanceOf(ConnectionError);
    proxy.mend();
    expect((await reading).items).toEqual([]);
  });

  test('a read gets past a kept connection that is open and dead', async () => {
    const namespace = await server.namespace();
    await using proxy = await startTcpProxy(new URL(server.controlPlane.url));
    const client = await server.connect({ port: proxy.port });
    await client.list(configMapType, { namespace });
    proxy.stall();
    const { items } = await client.list(configMapType, { namespace, timeoutMs: 12_000 });
    expect(items).toEqual([]);
  });

  test('no answer within the time allowed is an error, and so is an abort', async () => {
    const namespace = await server.namespace();
    server.controlPlane.freezeApiServer();
    try {
      const slow = await error(server.admin.list(configMapType, { namespace, timeoutMs: 300 }));
      expect(slow).toBeInstanceOf(TimeoutError);
      const controller = new AbortController();
      const aborted = error(server.admin.list(configMapType, { namespace, signal: controller.signal }));
      controller.abort(new Error('enough'));
      expect(await aborted).toEqual(new Error('enough'));
    } finally {
      server.controlPlane.thawApiServer();
    }
  });

  test('what a user may not do is told as forbidden', async () => {
    const kubeconfigPath = await server.controlPlane.issueKubeconfig('nobody', { commonName: 'nobody' });
    await using nobody = await connect({ fieldManager: 'test', kubeconfigPath, environment: {} });
    const refused = await error(nobody.list(configMapType, { namespace: 'default' }));
    expect(refused).toBeInstanceOf(ApiError);
    expect(refused).toMatchObject({ isForbidden: true, retryable: false });
  });
});

describe('server-side apply', () => {
  test('makes, changes and takes back what is stated no longer', async () => {
    const { admin } = server;
    const metadata = { namespace: await server.namespace(), name: 'applied' };
    await admin.apply(configMapType, { metadata, data: { a: '1', b: '2' } });
    const second = await admin.apply(configMapType, { metadata, data: { a: '3' } });
    expect(second.data).toEqual({ a: '3' });
  });

  test('writes a status once, leaves the spec alone and skips what is there already', async () => {
    const { admin } = server;
    const metadata = { namespace: await server.namespace(), name: 'w' };
    const widget = await admin.create(widgetType, { metadata, spec: { size: 3 } });
    const ready = { type: 'Ready', status: 'True', reason: 'Made', message: 'it is there' } as const;
    const status = { ready: true, conditions: setCondition(undefined, ready, new Date()) };
    expect(await writeStatus(admin, widgetType, widget, status)).toBe(true);
    const after = await admin.get(widgetType, metadata);
    expect(after).toMatchObject({ spec: { size: 3 }, status });
    if (after === undefined) return;
    const conditions = setCondition(after.status?.conditions, ready, new Date(Date.now() + 60_000));
    expect(await writeStatus(admin, widgetType, after, { ready: true, conditions })).toBe(false);
    expect(await writeStatus(admin, widgetType, after, { conditions })).toBe(true);
    const last = await admin.get(widgetType, metadata);
    expect(last?.status).toEqual({ conditions });
  });

  test('with a uid never makes anew what was deleted', async () => {
    const { admin } = server;
    const metadata = { namespace: await server.namespace(), name: 'w' };
    const widget = await admin.create(widgetType, { metadata, spec: { size: 3 } });
    await admin.delete(widgetType, metadata);
    const refused = await error(
      admin.apply(widgetType, { metadata: { ...metadata, uid: widget.metadata.uid }, spec: { size: 4 } }),
    );
    expect(refused).toMatchObject({ isConflict: true });
    expect(await error(writeStatus(admin, widgetType, widget, { ready: true }))).toMatchObject({
      isNotFound: true,
    });
    expect(await admin.get(widgetType, metadata)).toBeUndefined();
  });
});

describe('finalizers', () => {
  test('hold an object until they are taken off', async () => {
    const { admin } = server;
    const metadata = { namespace: await server.namespace(), name: 'held' };
    const made = await admin.create(widgetType, { metadata, spec: { size: 1 } });
    const held = await addFinalizer(admin, widgetType, made, 'test.example.com/hold');
    expect(held?.metadata.finalizers).toEqual(['test.example.com/hold']);
    if (held === undefined) return;
    await admin.delete(widgetType, metadata);
    const dying = await admin.get(widgetType, metadata);
    expect(dying?.metadata.deletionTimestamp).toBeDefined();
    if (dying === undefined) return;
    expect(await addFinalizer(admin, widgetType, dying, 'test.example.com/late')).toBeUndefined();
    await removeFinalizer(admin, widgetType, dying, 'test.example.com/hold');
    expect(await admin.get(widgetType, metadata)).toBeUndefined();
  });

  test('two programs that work from the same old state both get through', async () => {
    const { admin } = server;
    const metadata = { namespace: await server.namespace(), name: 'shared' };
    const made = await admin.create(widgetType, { metadata, spec: { size: 1 } });
    const names = ['a', 'b', 'c', 'd'].map((letter) => `test.example.com/${letter}`);
    await Promise.all(names.map((name) => addFinalizer(admin, widgetType, made, name)));
    const full = await admin.get(widgetType, metadata);
    expect([...(full?.metadata.finalizers ?? [])].sort()).toEqual(names);
    if (full === undefined) return;
    const [, ...rest] = names;
    await Promise.all(rest.map((name) => removeFinalizer(admin, widgetType, full, name)));
    const left = await admin.get(widgetType, metadata);
    expect(left === undefined ? [] : names.filter((name) => hasFinalizer(left, name))).toEqual([names[0]]);
  });

  test('leave a successor of the same name alone', async () => {
    const { admin } = server;
    const metadata = { namespace: await server.namespace(), name: 'phoenix' };
    const first = await admin.create(widgetType, { metadata, spec: { size: 1 } });
    await admin.delete(widgetType, metadata);
    await admin.create(widgetType, { metadata, spec: { size: 2 } });
    expect(await addFinalizer(admin, widgetType, first, 'test.example.com/hold')).toBeUndefined();
    expect((await admin.get(widgetType, metadata))?.metadata.finalizers).toBeUndefined();
  });
});

test('a child names its owner', async () => {
  const { admin } = server;
  const namespace = await server.namespace();
  const owner = await admin.create(widgetType, { metadata: { namespace, name: 'o' }, spec: { size: 1 } });
  const ownerReferences = [controllerReference(owner)];
  const child = await admin.create(configMapType, { metadata: { namespace, name: 'c', ownerReferences } });
  expect(child.metadata.ownerReferences).toEqual(ownerReferences);
});

test('events are there for people to see, counted and not repeated', async () => {
  const { admin } = server;
  const namespace = await server.namespace();
  const widget = await admin.create(widgetType, { metadata: { namespace, name: 'w' }, spec: { size: 1 } });
  const recorder = new EventRecorder({
    client: admin,
    clock: systemClock,
    random: Math.random,
    logger: silentLogger,
    component: 'widget-operator',
  });
  for (let n = 0; n < 3; n += 1)
    recorder.event(widget, 'Warning', 'TooSmall', 'a widget of size 1 is too small');
  recorder.event(widget, 'Normal', 'Made', 'it is there');
  await recorder.stop(AbortSignal.timeout(5_000));
  const { items } = await admin.list(eventType, {
    namespace,
    fieldSelector: `involvedObject.uid=${widget.metadata.uid}`, // what kubectl describe asks for
  });
  expect(items.map(({ reason, count, type }) => ({ reason, count, type }))).toEqual([
    { reason: 'TooSmall', count: 3, type: 'Warning' },
    { reason: 'Made', count: 1, type: 'Normal' },
  ]);
  expect(items[0]?.source).toEqual({ component: 'widget-operator' });
});
