import { beforeEach, expect, test } from '@jest/globals';
import { NodeLeases } from '../../../../src/controllers/cluster/node-leases.ts';
import type { KubeClient } from '../../../../src/kube/client.ts';
import { ApiError } from '../../../../src/kube/errors.ts';
import { silentLogger } from '../../../../src/base/logger.ts';
import type { ObjectRef } from '../../../../src/kube/resource.ts';
import { FakeClock } from '../../../../src/base/testing/fake-clock.ts';
import { never } from '../../../support/platforms/platform-examples.ts';

let clock: FakeClock;
let asked: ObjectRef[];
/** By node: when its Lease was renewed. */
let renewed: Map<string, Date>;
let failure: Error | undefined;
let leases: NodeLeases;
beforeEach(() => {
  clock = new FakeClock(new Date('2026-03-01T12:00:00Z'));
  asked = [];
  renewed = new Map();
  failure = undefined;
  const get = (_: unknown, ref: ObjectRef): Promise<unknown> => {
    asked.push(ref);
    if (failure !== undefined) return Promise.reject(failure);
    const time = renewed.get(ref.name)?.toISOString();
    return Promise.resolve(time === undefined ? undefined : { spec: { renewTime: time } });
  };
  leases = new NodeLeases({ get } as unknown as KubeClient, clock, silentLogger);
});

test('a node is lost when its Lease was not renewed for 11 s', async () => {
  renewed.set('node-1', clock.now());
  await clock.advance(11_000);
  expect(await leases.isLost('node-1', never)).toBe(false);
  await clock.advance(1_001);
  expect(await leases.isLost('node-1', never)).toBe(true);
  expect(asked[0]).toEqual({ namespace: 'kube-node-lease', name: 'node-1' });
});

test('a node is asked for once a second, however many relays were on it', async () => {
  await Promise.all([1, 2, 3].map(() => leases.isLost('node-1', never)));
  await leases.isLost('node-2', never);
  expect(asked.map(({ name }) => name)).toEqual(['node-1', 'node-2']);
  await clock.advance(1_000);
  await leases.isLost('node-1', never);
  expect(asked).toHaveLength(3);
});

test('a node of which nothing can be known is not lost', async () => {
  expect(await leases.isLost('node-1', never)).toBe(false);
  failure = new ApiError('get', { status: 403, reason: 'Forbidden' });
  expect(await leases.isLost('node-2', never)).toBe(false);
});
