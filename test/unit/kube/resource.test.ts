import { describe, expect, test } from '@jest/globals';
import { nodeType, podType, type Pod } from '../../../src/kube/core-types.ts';
import { byLabel, controllerReference, isControlledBy, ownerRequest } from '../../../src/kube/owners.ts';
import { describe as nameOf, keyOf, pathOf, refOf, type KubeObject } from '../../../src/kube/resource.ts';
import { sameOnTheWire } from '../../../src/kube/status.ts';

const widgetType = { apiVersion: 'example.com/v1', kind: 'Widget', plural: 'widgets', namespaced: true };
const widget: KubeObject = {
  apiVersion: 'example.com/v1',
  kind: 'Widget',
  metadata: { name: 'w', namespace: 'n', uid: 'uid-w', labels: { team: 'red' } },
};

describe('paths', () => {
  test.each([
    [pathOf(podType, {}), '/api/v1/pods'],
    [pathOf(podType, { namespace: 'n' }), '/api/v1/namespaces/n/pods'],
    [pathOf(podType, { namespace: 'n', name: 'p' }, 'status'), '/api/v1/namespaces/n/pods/p/status'],
    [pathOf(nodeType, { name: 'a:b' }), '/api/v1/nodes/a%3Ab'],
    [pathOf(nodeType, { namespace: 'ignored', name: 'n' }), '/api/v1/nodes/n'],
    [pathOf(widgetType, { namespace: 'n', name: 'w' }), '/apis/example.com/v1/namespaces/n/widgets/w'],
  ])('%s', (path, expected) => {
    expect(path).toBe(expected);
  });

  test('a namespaced object without a namespace is an error', () => {
    expect(() => pathOf(podType, { name: 'p' })).toThrow('Pod p needs a namespace');
  });
});

test.each([{ name: 'a' }, { namespace: 'n', name: 'a' }])(
  '%j and its key are converted into each other',
  (ref) => {
    expect(refOf(keyOf(ref))).toEqual(ref);
  },
);

test('messages name an object, or a kind', () => {
  expect(nameOf(podType, { namespace: 'n', name: 'p' })).toBe('Pod n/p');
  expect(nameOf(podType, {})).toBe('Pod');
});

describe('owner references', () => {
  const child: Pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'p', namespace: 'n', uid: 'uid-p', ownerReferences: [controllerReference(widget)] },
    spec: { containers: [] },
  };

  test('refer to the owner, whatever the version of its API', () => {
    expect(ownerRequest(child, widgetType)).toEqual({ namespace: 'n', name: 'w' });
    expect(ownerRequest(child, { ...widgetType, apiVersion: 'example.com/v2' })).toEqual({
      namespace: 'n',
      name: 'w',
    });
    expect(ownerRequest(child, { ...widgetType, namespaced: false })).toEqual({
      namespace: undefined,
      name: 'w',
    });
  });

  test('do not refer to another kind, nor to the same kind of another group', () => {
    expect(ownerRequest(child, podType)).toBeUndefined();
    expect(ownerRequest(child, { ...widgetType, apiVersion: 'other.com/v1' })).toBeUndefined();
  });

  test('do not refer to a recreated owner', () => {
    expect(isControlledBy(child, widget)).toBe(true);
    expect(isControlledBy(child, { ...widget, metadata: { ...widget.metadata, uid: 'new' } })).toBe(false);
  });

  test('a label refers to an owner in the namespace', () => {
    expect(byLabel('team')(widget)).toEqual(['n/red']);
    expect(byLabel('colour')(widget)).toEqual([]);
  });
});

test.each([
  [{ a: 1, b: undefined }, { a: 1 }, true],
  [{ a: [{ b: 1, c: 2 }] }, { a: [{ c: 2, b: 1 }] }, true],
  [{ a: 1 }, { a: 1, b: null }, false],
  [{ a: [1, 2] }, { a: [2, 1] }, false],
])('serialized %j and %j: equal %s', (a, b, same) => {
  expect(sameOnTheWire(a, b)).toBe(same);
});
