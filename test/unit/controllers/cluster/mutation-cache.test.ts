import { describe, expect, test } from '@jest/globals';
import { MutationCache } from '../../../../src/controllers/cluster/mutation-cache.ts';
import type { KubeObject } from '../../../../src/kube/resource.ts';
import { FakeClock } from '../../../../src/base/testing/fake-clock.ts';

const object = (version: number, uid = 'uid-1'): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { namespace: 'shop', name: 'show', uid, resourceVersion: String(version) },
});
const key = 'shop/show';

function aNewest(): { newest: MutationCache<KubeObject>; clock: FakeClock } {
  const clock = new FakeClock();
  return { newest: new MutationCache(clock), clock };
}

describe('a read returns', () => {
  test('the cached object, if nothing was written', () => {
    const { newest } = aNewest();
    expect(newest.of(key, object(5))).toEqual(object(5));
    expect(newest.of(key, undefined)).toBeUndefined();
  });

  test('the written object, while the cache is behind', () => {
    const { newest } = aNewest();
    newest.remember(object(10));
    expect(newest.of(key, undefined)).toEqual(object(10));
    expect(newest.of(key, object(9))).toEqual(object(10));
  });

  test('the cached object, once it is as new', () => {
    const { newest } = aNewest();
    newest.remember(object(10));
    expect(newest.of(key, object(11))).toEqual(object(11));
    expect(newest.of(key, object(9))).toEqual(object(9)); // The older writes are forgotten, because caches do not go back.
  });

  test('the newer of two versions, which are compared as numbers: 10 is newer than 9', () => {
    const { newest } = aNewest();
    newest.remember(object(9));
    expect(newest.of(key, object(10))).toEqual(object(10));
  });
});

describe('a deleted object', () => {
  test('is gone even if the cache still has it', () => {
    const { newest } = aNewest();
    newest.gone(key, 'uid-1');
    expect(newest.of(key, object(5))).toBeUndefined();
  });

  test('stays gone when an older answer arrives late', () => {
    const { newest } = aNewest();
    newest.gone(key, 'uid-1');
    newest.remember(object(10));
    expect(newest.of(key, undefined)).toBeUndefined();
  });

  test('is not confused with its successor of the same name', () => {
    const { newest } = aNewest();
    newest.remember(object(10));
    newest.gone(key, 'uid-1');
    newest.remember(object(12, 'uid-2'));
    expect(newest.of(key, object(10))).toEqual(object(12, 'uid-2'));
    newest.gone(key, 'uid-1');
    expect(newest.of(key, undefined)).toEqual(object(12, 'uid-2'));
  });
});

test('writes that the cache never shows are forgotten after a minute', async () => {
  const { newest, clock } = aNewest();
  newest.remember(object(10));
  await clock.advance(59_000);
  expect(newest.of(key, undefined)).toEqual(object(10));
  await clock.advance(1_000);
  expect(newest.of(key, undefined)).toBeUndefined();
});
