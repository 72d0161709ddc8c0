import { expect, test } from '@jest/globals';
import { ChannelObjects } from '../../../../src/controllers/live-channel/objects.ts';
import type { Slot } from '../../../../src/api/stream-records.ts';
import { relaySecretName } from '../../../../src/channel/pod/relay-pod.ts';
import type { Pod, Secret } from '../../../../src/kube/core-types.ts';
import { controllerReference } from '../../../../src/kube/owners.ts';
import { FakeClock } from '../../../../src/base/testing/fake-clock.ts';
import { aChannel } from '../../../support/channel/channel-examples.ts';

const channel = aChannel();
const podOf = (owner: Parameters<typeof controllerReference>[0], slot = 0): Pod => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: {
    namespace: 'shop',
    name: `show-relay-${String(slot)}`,
    uid: `pod-${String(slot + 1)}`,
    resourceVersion: '7',
    ownerReferences: [controllerReference(owner)],
  },
  spec: { containers: [] },
});

const secretOf = (slot: Slot): Secret => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: {
    namespace: 'shop',
    name: relaySecretName('show', slot),
    uid: `secret-${String(slot)}`,
    resourceVersion: '7',
    ownerReferences: [controllerReference(channel)],
  },
});

function objectsWith(pod: Pod | undefined): ChannelObjects {
  const none = { get: () => undefined, list: () => [] };
  const stores = {
    channels: { ...none, get: () => channel },
    pods: { ...none, get: ({ name }: { name: string }) => (pod?.metadata.name === name ? pod : undefined) },
    secrets: none,
  };
  return new ChannelObjects(stores, new FakeClock());
}

test('a pod of an earlier channel of the same name does not belong to this channel', () => {
  const earlier = { ...channel, metadata: { ...channel.metadata, uid: 'earlier' } };
  expect(objectsWith(podOf(channel)).pod(channel, 0)?.metadata.uid).toBe('pod-1');
  expect(objectsWith(podOf(earlier)).pod(channel, 0)).toBeUndefined();
});

test('a pod that was just created is found before the cache has it', () => {
  const objects = objectsWith(undefined);
  objects.rememberPod(podOf(channel));
  expect(objects.pod(channel, 0)?.metadata.uid).toBe('pod-1');
  objects.podDeleted(podOf(channel));
  expect(objects.pod(channel, 0)).toBeUndefined();
});

test('each slot has a separate pod and Secret', () => {
  const objects = objectsWith(podOf(channel, 1));
  expect(objects.pod(channel, 0)).toBeUndefined();
  expect(objects.pod(channel, 1)?.metadata.uid).toBe('pod-2');
  objects.podGone(channel, 0, 'pod-1');
  expect(objects.pod(channel, 1)?.metadata.uid).toBe('pod-2');
  objects.podGone(channel, 1, 'pod-2');
  expect(objects.pod(channel, 1)).toBeUndefined();

  for (const slot of [0, 1] as const) objects.rememberSecret(secretOf(slot));
  objects.secretGone(channel, 1);
  expect(objects.secret(channel, 0)?.metadata.name).toBe('show-relay');
  expect(objects.secret(channel, 1)).toBeUndefined();
});

test('the reason of a replacement is that of the pod that was replaced', () => {
  const objects = objectsWith(undefined);
  const counted = (observedPodUid: string): typeof channel => ({
    ...channel,
    status: { relay: { restarts: 0, observedPodUid } },
  });
  expect(objects.replacementReason(counted('pod-1'))).toBe('PodDeleted');
  objects.noteReplacement(channel, 'pod-1', 'Evicted');
  expect(objects.replacementReason(counted('pod-1'))).toBe('Evicted');
  expect(objects.replacementReason(counted('pod-2'))).toBe('PodDeleted');
  objects.channelDeleted(channel);
  expect(objects.replacementReason(counted('pod-1'))).toBe('PodDeleted');
});

test('a deleted channel with a recorded stream was removed without its finalizer', () => {
  const objects = objectsWith(undefined);
  const without = aChannel({ records: [] });
  objects.channelDeleted(without);
  expect(objects.removedWithoutFinalizer(without.metadata)).toEqual([]);
  objects.channelDeleted(channel);
  expect(objects.removedWithoutFinalizer(channel.metadata)).toEqual([channel]);
  expect(objects.removedWithoutFinalizer({ namespace: 'shop', name: 'other' })).toEqual([]);
  objects.collected(channel);
  expect(objects.removedWithoutFinalizer(channel.metadata)).toEqual([]);
});

test('records written just before the deletion count, even if the cache never had them', () => {
  const objects = objectsWith(undefined);
  objects.rememberChannel({ ...channel, metadata: { ...channel.metadata, resourceVersion: '9' } });
  objects.channelDeleted(aChannel({ records: [] }));
  expect(objects.removedWithoutFinalizer(channel.metadata)).toHaveLength(1);
});
