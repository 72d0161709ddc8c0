import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { KubeObject } from '../../../src/kube/resource.ts';
import { byControllerUid } from '../../../src/kube/owners.ts';
import { deepFreeze, Store } from '../../../src/kube/store.ts';

const object = (name: string, owner?: string): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: {
    name,
    namespace: 'n',
    uid: `uid-${name}`,
    ownerReferences:
      owner === undefined
        ? []
        : [{ apiVersion: 'v1', kind: 'Owner', name: owner, uid: owner, controller: true }],
  },
});

describe('store', () => {
  test('indexes always return the same as a search', () => {
    const name = fc.constantFrom('a', 'b', 'c', 'd');
    const owner = fc.option(fc.constantFrom('x', 'y'), { nil: undefined });
    fc.assert(
      fc.property(fc.array(fc.record({ name, owner, remove: fc.boolean() })), (steps) => {
        const store = new Store({ owner: byControllerUid });
        for (const step of steps) {
          if (step.remove) store.remove(`n/${step.name}`);
          else store.put(object(step.name, step.owner));
          for (const uid of ['x', 'y']) {
            const searched = store.list().filter((each) => byControllerUid(each).includes(uid));
            expect(new Set(store.byIndex('owner', uid))).toEqual(new Set(searched));
          }
        }
      }),
    );
  });

  test('an unknown index is an error that lists the known ones', () => {
    expect(() => new Store({ owner: byControllerUid }).byIndex('colour', 'red')).toThrow(
      'no index "colour"; there are: owner',
    );
  });

  test('an object that became invalid keeps its last valid state, and is listed as invalid', () => {
    const store = new Store();
    store.put(object('a'));
    store.putUnreadable(object('a').metadata);
    store.putUnreadable(object('b').metadata);
    expect(store.get({ namespace: 'n', name: 'a' })).toBeDefined();
    expect(store.get({ namespace: 'n', name: 'b' })).toBeUndefined();
    expect(store.unreadable().map(({ name }) => name)).toEqual(['a', 'b']);
    expect(store.keys()).toEqual(['n/a', 'n/b']);
    store.put(object('a'));
    store.remove('n/b');
    expect(store.unreadable()).toEqual([]);
  });

  test('lists one namespace', () => {
    const store = new Store();
    store.put(object('a'));
    store.put({ ...object('b'), metadata: { name: 'b', namespace: 'other', uid: 'b' } });
    expect(store.list('n').map(({ metadata }) => metadata.name)).toEqual(['a']);
    expect(store.size).toBe(2);
  });
});

test('a frozen object cannot be changed at any depth', () => {
  const frozen = deepFreeze({ list: [{ a: 1 }] });
  expect(() => {
    frozen.list.push({ a: 2 });
  }).toThrow(TypeError);
  expect(Object.isFrozen(frozen.list[0])).toBe(true);
});
