import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { LiveChannel } from '../../../src/api/live-channel.ts';
import { activeRecord } from '../../../src/api/stream-records.ts';
import type { Pod } from '../../../src/kube/core-types.ts';
import { podType } from '../../../src/kube/core-types.ts';
import { live } from '../../support/operator/fake-kubelet.ts';
import { OperatorStage, type Ref } from '../../support/operator/operator-stage.ts';
import { eventually } from '../../support/wait/eventually.ts';

let stage: OperatorStage;
beforeAll(async () => {
  stage = await OperatorStage.build();
  await stage.putPlatform('origin', { isDefault: true });
  stage.startOperator();
}, 300_000);
afterAll(() => stage[Symbol.asyncDispose]());

async function onAir(): Promise<{ ref: Ref; pod: Pod; channel: LiveChannel }> {
  const ref = { namespace: await stage.namespace(), name: 'show' };
  await stage.apply(ref);
  const channel = await stage.onAir(ref);
  const pod = await stage.pod(ref);
  if (pod === undefined) throw new Error('live without a pod');
  return { ref, pod, channel };
}

/** Waits until the channel is live again with this number of restarts, the last one for this reason. */
const restarted = (ref: Ref, restarts: number, lastRestartReason: string): Promise<LiveChannel> =>
  stage.channelIs(ref, `restart ${String(restarts)}: ${lastRestartReason}`, ({ status }) => {
    const { relay, relayStatus } = status ?? {};
    return (
      relayStatus === 'active' &&
      relay?.restarts === restarts &&
      relay.lastRestartReason === lastRestartReason &&
      relay.lastRestartTime !== undefined
    );
  });

test('a deleted pod is replaced, and counted once', async () => {
  const { ref, pod, channel } = await onAir();
  await stage.client.delete(podType, pod.metadata);
  const after = await restarted(ref, 1, 'PodDeleted');
  expect((await stage.pod(ref))?.metadata.uid).not.toBe(pod.metadata.uid);
  expect(after.status?.streamId).toBe(channel.status?.streamId);
}, 60_000);

test('a deleted pod is replaced only once its name is free', async () => {
  const { ref, pod } = await onAir();
  stage.kubelet.holdDeletions = true;
  await stage.client.delete(podType, pod.metadata);
  await stage.notReady(ref, 'RelayReplaced');
  await stage.kubelet.releaseDeletions();
  await restarted(ref, 1, 'PodDeleted');
}, 60_000);

test('container restarts are counted with the reason that the relay wrote', async () => {
  const { ref, pod } = await onAir();
  await stage.kubelet.crash(pod, {
    exitCode: 1,
    message: '{"reason":"BrowserCrashed","message":"the renderer is gone"}\n',
  });
  await restarted(ref, 1, 'BrowserCrashed');
  await stage.kubelet.crash(pod, { exitCode: 137, reason: 'OOMKilled' });
  await restarted(ref, 2, 'OOMKilled');
  await stage.kubelet.crash(pod, { exitCode: 139, message: 'Segmentation fault' });
  await restarted(ref, 3, 'ContainerExited');
  expect((await stage.pod(ref))?.metadata.uid).toBe(pod.metadata.uid);
}, 60_000);

test('an evicted pod is replaced', async () => {
  const { ref, pod } = await onAir();
  await stage.kubelet.fail(pod, { reason: 'Evicted', message: 'The node was low on resource: memory.' });
  await restarted(ref, 1, 'Evicted');
  const event = await stage.event(ref, 'Warning', 'Evicted');
  expect(event.message).toContain('low on resource');
}, 60_000);

test('the reason of a stop is not the reason of a later restart', async () => {
  const { ref } = await onAir();
  await stage.apply(ref, { suspend: true });
  await stage.notReady(ref, 'Suspended');
  await eventually('no pod', 20, async () => ((await stage.pod(ref)) === undefined ? true : undefined));
  await stage.apply(ref, { suspend: false });
  await stage.onAir(ref);
  const second = await stage.pod(ref);
  if (second !== undefined) await stage.client.delete(podType, second.metadata);
  await restarted(ref, 1, 'PodDeleted');
}, 60_000);

test('a deleted Secret is created again for the same stream, and the relay keeps running', async () => {
  const { ref, pod, channel } = await onAir();
  const before = await stage.secret(ref);
  await expectDeleted(ref);
  const after = await eventually('another Secret', 20, async () => {
    const secret = await stage.secret(ref);
    return secret?.metadata.uid === before?.metadata.uid ? undefined : secret;
  });
  expect(after.data?.['stream-key']).toBe(before?.data?.['stream-key']);
  await stage.channelIs(
    ref,
    'recorded as before',
    (each) => activeRecord(each)?.id === channel.status?.streamId,
  );
  expect((await stage.pod(ref))?.metadata.uid).toBe(pod.metadata.uid);
  expect((await stage.channel(ref))?.status?.relay).toMatchObject({ restarts: 0 });
}, 60_000);

test('a stream that disappears on the platform is created again, and the relay gets its key', async () => {
  const { ref, channel } = await onAir();
  const [id = ''] = stage.streamsOf(channel.metadata.uid);
  stage.origin.streams.delete(id);
  await eventually('the stream exists again', 20, async () =>
    stage.streamsOf(channel.metadata.uid).length === 1 ? true : undefined,
  );
  await stage.onAir(ref);
}, 60_000);

test('a rejected key makes the operator check whether the stream still exists', async () => {
  const { ref, channel } = await onAir();
  const [id = ''] = stage.streamsOf(channel.metadata.uid);
  stage.kubelet.say(
    ref,
    live({ state: 'failed', reason: 'IngestRejected', message: 'refused', liveSince: null }),
  );
  stage.origin.streams.delete(id);
  await eventually('the stream exists again', 20, async () =>
    stage.streamsOf(channel.metadata.uid).length === 1 ? true : undefined,
  );
  await stage.notReady(ref, 'IngestRejected');
  stage.kubelet.say(ref, live());
  await stage.onAir(ref);
}, 60_000);

test('a ready relay that does not respond to the operator stays live', async () => {
  const { ref, channel } = await onAir();
  stage.kubelet.silence(ref);
  const silent = await stage.channelIs(
    ref,
    'unknown values are omitted',
    ({ status }) => !status?.health,
    30,
  );
  expect(silent.status).toMatchObject({
    relayStatus: 'active',
    relayStartedAt: channel.status?.relayStartedAt,
    relay: { restarts: 0 },
  });
}, 60_000);

test('a frozen relay is reported although its pod is ready, and is live again when it responds', async () => {
  const { ref, pod } = await onAir();
  stage.kubelet.freeze(pod, true);
  await stage.notReady(ref, 'RelayUnresponsive');
  expect((await stage.channel(ref))?.status?.relayStatus).toBe('error');
  stage.kubelet.freeze(pod, false);
  await stage.onAir(ref);
}, 60_000);

test('after an outage of the API server, live channels are unchanged and missed changes are applied', async () => {
  const [first, second] = [await onAir(), await onAir()];
  const untouched = async (): Promise<unknown> => [
    (await stage.channel(first.ref))?.metadata.resourceVersion,
    (await stage.pod(first.ref))?.metadata.uid,
  ];
  const before = await untouched();
  const origin = stage.origin.calls.length;
  await stage.controlPlane.killApiServer();
  await eventually('the platform is still polled', 20, async () =>
    stage.origin.calls.length > origin ? true : undefined,
  );
  await stage.controlPlane.startApiServer();
  await stage.client.delete(podType, second.pod.metadata);
  await restarted(second.ref, 1, 'PodDeleted');
  expect(await untouched()).toEqual(before);
}, 60_000);

async function expectDeleted(ref: Ref): Promise<void> {
  const { ok, stderr } = await stage.kubectl(['delete', 'secret', `${ref.name}-relay`, '-n', ref.namespace]);
  expect({ ok, stderr }).toMatchObject({ ok: true });
}
