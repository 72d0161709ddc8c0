import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { setTimeout as delay } from 'node:timers/promises';
import { eventType } from '../../../src/kube/core-types.ts';
import { liveChannelType, streamingPlatformType } from '../../../src/api/kinds.ts';
import { STREAM_FINALIZER } from '../../../src/api/names.ts';
import { OperatorStage, type Ref } from '../../support/operator/operator-stage.ts';
import { eventually } from '../../support/wait/eventually.ts';

let stage: OperatorStage;
beforeAll(async () => {
  stage = await OperatorStage.build();
  await stage.putPlatform('origin', { isDefault: true });
  stage.startOperator({ LIVECHANNEL_ORPHAN_GRACE_SECONDS: '1' });
}, 300_000);
afterAll(() => stage[Symbol.asyncDispose]());

const show = async (name = 'show'): Promise<Ref> => ({ namespace: await stage.namespace(), name });
const requestDeletion = (ref: Ref): Promise<boolean> => stage.client.delete(liveChannelType, ref);
const tags = (clusterId: string): Record<string, string> => ({
  'livechannel.dev/cluster': clusterId,
  'livechannel.dev/channel-uid': 'uid-of-nobody',
  'livechannel.dev/channel': 'shop/gone',
});

test('a live channel: leaves nothing behind, and the relay ends before its stream', async () => {
  const ref = await show();
  const { metadata } = await stage.apply(ref);
  await stage.onAir(ref);
  stage.kubelet.holdDeletions = true;
  await requestDeletion(ref);
  await eventually('the pod is terminating', 20, async () =>
    (await stage.pod(ref))?.metadata.deletionTimestamp === undefined ? undefined : true,
  );
  await stage.notReady(ref, 'Deleting');
  expect(stage.streamsOf(metadata.uid)).toHaveLength(1);
  await stage.kubelet.releaseDeletions();
  await stage.gone(ref, metadata.uid);
  await stage.event(ref, 'Normal', 'StreamDeleted');
}, 60_000);

test('a channel that is suspended, waits for credentials or has no stream: leaves nothing behind', async () => {
  const [suspended, waiting, none] = [await show(), await show(), await show()];
  const uids = [
    (await stage.apply(suspended, { suspend: true })).metadata.uid,
    (await stage.apply(waiting, { agora: { credentialsRef: { name: 'missing' } } })).metadata.uid,
    (await stage.apply(none, { streamMode: 'agora-only' })).metadata.uid,
  ] as const;
  await stage.notReady(suspended, 'Suspended');
  await stage.notReady(waiting, 'CredentialsNotFound');
  await stage.notReady(none, 'AgoraOnly');
  await Promise.all([requestDeletion(suspended), requestDeletion(waiting), requestDeletion(none)]);
  await stage.gone(suspended, uids[0]);
  await stage.gone(waiting, uids[1]);
  await stage.gone(none, uids[2]);
}, 60_000);

describe('a channel that is being created', () => {
  test('before the platform responded', async () => {
    const ref = await show();
    const gate = Promise.withResolvers<undefined>();
    stage.origin.gate = gate.promise.then(() => undefined);
    const { metadata } = await stage.apply(ref);
    await stage.channelIs(ref, 'recorded', (channel) => (channel.metadata.finalizers ?? []).length > 0);
    await requestDeletion(ref);
    stage.origin.gate = undefined;
    gate.resolve(undefined);
    await stage.gone(ref, metadata.uid);
  }, 60_000);

  test('when the response to the create was lost', async () => {
    const ref = await show();
    stage.origin.fail('PUT', 'lost-answer');
    const { metadata } = await stage.apply(ref);
    await eventually('the stream exists', 20, async () =>
      stage.streamsOf(metadata.uid).length === 1 ? true : undefined,
    );
    await requestDeletion(ref);
    await stage.gone(ref, metadata.uid);
  }, 60_000);

  test('at any moment: twenty channels, each deleted a little later than the previous one', async () => {
    const namespace = await stage.namespace();
    const channels = await Promise.all(
      Array.from({ length: 20 }, async (_, index) => {
        const ref = { namespace, name: `show-${String(index)}` };
        const { metadata } = await stage.apply(ref);
        await delay(index * 15); // without waiting: the moment is what differs
        await requestDeletion(ref);
        return { ref, uid: metadata.uid };
      }),
    );
    for (const { ref, uid } of channels) await stage.gone(ref, uid, 40);
  }, 90_000);
});

test('a create with a lost response ends with one stream', async () => {
  const ref = await show();
  stage.origin.fail('PUT', 'lost-answer');
  const { metadata } = await stage.apply(ref);
  await stage.onAir(ref);
  expect(stage.streamsOf(metadata.uid)).toHaveLength(1);
}, 60_000);

test('a delete with a lost response, or one that fails, is retried', async () => {
  const ref = await show();
  const { metadata } = await stage.apply(ref);
  await stage.onAir(ref);
  stage.origin.fail('DELETE', 'lost-answer');
  stage.origin.fail('DELETE', 'error');
  await requestDeletion(ref);
  await stage.event(ref, 'Warning', 'PlatformUnavailable');
  await stage.gone(ref, metadata.uid, 30);
}, 60_000);

test('a platform that does not respond counts as unavailable: the delete is retried', async () => {
  const ref = await show();
  const { metadata } = await stage.apply(ref);
  await stage.onAir(ref);
  stage.origin.fail('DELETE', 'hang');
  await requestDeletion(ref);
  await stage.notReady(ref, 'PlatformUnavailable');
  await stage.gone(ref, metadata.uid);
}, 60_000);

test('the channel stays and reports the reason during a platform outage; then it is deleted', async () => {
  const ref = await show();
  const { metadata } = await stage.apply(ref);
  await stage.onAir(ref);
  stage.origin.down = true;
  await requestDeletion(ref);
  await stage.notReady(ref, 'PlatformUnavailable');
  stage.origin.mend();
  await stage.gone(ref, metadata.uid);
}, 60_000);

test('when its platform was deleted, the channel reports what to do, and its finalizer can be removed by hand', async () => {
  const ref = await show();
  await stage.putPlatform('passing');
  await stage.apply(ref, { platformRef: { name: 'passing' } });
  await stage.onAir(ref);
  await stage.client.delete(streamingPlatformType, { name: 'passing' });
  // The platform is kept while a channel has a stream on it, and reports this, until its finalizer is removed.
  await eventually('the platform lists its users', 20, async () => {
    const platform = await stage.client.get(streamingPlatformType, { name: 'passing' });
    const ready = platform?.status?.conditions?.find(({ type }) => type === 'Ready');
    return ready?.reason === 'InUse' && ready.message.includes(`${ref.namespace}/${ref.name}`)
      ? true
      : undefined;
  });
  const other = await show();
  await stage.apply(other, { platformRef: { name: 'passing' } });
  await stage.notReady(other, 'PlatformNotReady');
  await stage.client.patchMerge(
    streamingPlatformType,
    { name: 'passing' },
    { metadata: { finalizers: null } },
  );
  await requestDeletion(ref);
  const channel = await stage.notReady(ref, 'PlatformNotFound');
  const message = channel.status?.conditions?.find(({ type }) => type === 'Ready')?.message;
  expect(message).toContain(`remove finalizer ${STREAM_FINALIZER}`);
  await stage.client.patchMerge(liveChannelType, ref, { metadata: { finalizers: null } });
  await eventually('gone', 20, async () => ((await stage.channel(ref)) === undefined ? true : undefined));
}, 60_000);

test('a platform is deleted as soon as its last channel has migrated', async () => {
  const ref = await show();
  await stage.putPlatform('leaving');
  await stage.apply(ref, { platformRef: { name: 'leaving' } });
  await stage.onAir(ref);
  await stage.client.delete(streamingPlatformType, { name: 'leaving' });
  await stage.apply(ref, { platformRef: { name: 'origin' } });
  // The new stream is on air for a while before viewers are switched, and the platform is checked every few seconds.
  await eventually('no platform', 45, async () =>
    (await stage.client.get(streamingPlatformType, { name: 'leaving' })) === undefined ? true : undefined,
  );
  const { status } = await stage.onAir(ref);
  expect(status).toMatchObject({ streamingPlatform: 'origin', relay: { restarts: 0 } });
}, 90_000);

describe('a channel whose finalizer was removed by hand', () => {
  const deleteWithoutFinalizer = async (ref: Ref): Promise<void> => {
    await requestDeletion(ref);
    await stage.client.patchMerge(liveChannelType, ref, { metadata: { finalizers: null } });
  };

  test('leaves nothing behind when it was live', async () => {
    const ref = await show();
    const { metadata } = await stage.apply(ref);
    await stage.onAir(ref);
    stage.origin.down = true; // so that the operator does not remove the finalizer itself
    await deleteWithoutFinalizer(ref);
    stage.origin.mend();
    await stage.gone(ref, metadata.uid);
  }, 60_000);

  test('leaves nothing behind while its stream was being created', async () => {
    const ref = await show();
    const gate = Promise.withResolvers<undefined>();
    stage.origin.gate = gate.promise.then(() => undefined);
    const { metadata } = await stage.apply(ref);
    await stage.channelIs(ref, 'recorded', (channel) => (channel.metadata.finalizers ?? []).length > 0);
    await deleteWithoutFinalizer(ref);
    stage.origin.gate = undefined;
    gate.resolve(undefined);
    await stage.gone(ref, metadata.uid);
  }, 60_000);

  test('does not affect a new channel of the same name', async () => {
    const ref = await show();
    const first = await stage.apply(ref);
    await stage.onAir(ref);
    stage.origin.down = true;
    await deleteWithoutFinalizer(ref);
    const second = await stage.apply(ref);
    stage.origin.mend();
    await stage.onAir(ref);
    expect(stage.streamsOf(first.metadata.uid)).toEqual([]);
    expect(stage.streamsOf(second.metadata.uid)).toHaveLength(1);
  }, 60_000);

  test('keeps its stream when the policy is Retain', async () => {
    const ref = await show();
    const { metadata } = await stage.apply(ref, { deletionPolicy: 'Retain' });
    await stage.onAir(ref);
    stage.origin.down = true;
    await deleteWithoutFinalizer(ref);
    stage.origin.mend();
    await stage.event(ref, 'Normal', 'StreamRetained');
    expect(stage.streamsOf(metadata.uid)).toHaveLength(1);
  }, 60_000);
});

describe('deletionPolicy Retain', () => {
  test('keeps the stream without owner tags, so that no sweep deletes it', async () => {
    const ref = await show();
    await stage.putPlatform('sweeping', { spec: { orphanPolicy: 'Delete' } });
    const { metadata } = await stage.apply(ref, {
      deletionPolicy: 'Retain',
      platformRef: { name: 'sweeping' },
    });
    await stage.onAir(ref);
    const [id = ''] = stage.streamsOf(metadata.uid);
    await requestDeletion(ref);
    await stage.event(ref, 'Normal', 'StreamRetained');
    await eventually('the channel is gone', 20, async () =>
      (await stage.channel(ref)) === undefined ? true : undefined,
    );
    expect(stage.origin.streams.get(id)?.tags).not.toHaveProperty(['livechannel.dev/cluster']);
    await sweeps(4);
    expect(stage.origin.streams.has(id)).toBe(true);
    await stage.client.delete(streamingPlatformType, { name: 'sweeping' });
  }, 60_000);

  test('waits for an unavailable platform', async () => {
    const ref = await show();
    const { metadata } = await stage.apply(ref, { deletionPolicy: 'Retain' });
    await stage.onAir(ref);
    stage.origin.down = true;
    await requestDeletion(ref);
    await stage.notReady(ref, 'PlatformUnavailable');
    stage.origin.mend();
    await stage.event(ref, 'Normal', 'StreamRetained');
    expect(stage.streamsOf(metadata.uid)).toHaveLength(1);
  }, 60_000);
});

test("a channel created as a copy of another one never deletes the original's stream", async () => {
  const namespace = await stage.namespace();
  const [original, copy] = [
    { namespace, name: 'original' },
    { namespace, name: 'copy' },
  ];
  const { metadata } = await stage.apply(original);
  const { metadata: its } = await stage.onAir(original);
  // As created by `kubectl get -o yaml | sed | kubectl apply`: annotations and finalizer are set by the user.
  const manifest = {
    apiVersion: 'livechannel.dev/v1alpha1',
    kind: 'LiveChannel',
    metadata: { ...copy, annotations: its.annotations, finalizers: its.finalizers },
    spec: { agora: { credentialsRef: { name: 'agora' } }, streamMode: 'agora-only' },
  };
  const { stderr } = await stage.kubectl(['apply', '-f', '-'], JSON.stringify(manifest));
  expect(stderr).toBe('');
  const { metadata: copied } = await stage.channelIs(
    copy,
    'it has no streams',
    (channel) => channel.status?.streams?.length === 0,
  );
  expect(stage.streamsOf(metadata.uid)).toHaveLength(1);
  await requestDeletion(copy);
  await stage.gone(copy, copied.uid);
  expect(stage.streamsOf(metadata.uid)).toHaveLength(1);
  expect((await stage.channel(original))?.status?.relayStatus).toBe('active');
}, 60_000);

describe('streams of this cluster that no channel owns', () => {
  test('are reported with orphanPolicy Report, and kept', async () => {
    stage.origin.addForeign('lc-orphan', tags('cluster-under-test'));
    await platformEvent('origin', 'OrphanedStreams', 'lc-orphan (created for shop/gone)');
    await sweeps(2);
    expect(stage.origin.streams.has('lc-orphan')).toBe(true);
  }, 60_000);

  test('are deleted with orphanPolicy Delete; foreign streams never are', async () => {
    const ref = await show();
    const { metadata } = await stage.apply(ref);
    await stage.onAir(ref);
    stage.origin.addForeign('lc-orphan', tags('cluster-under-test'));
    stage.origin.addForeign('of-another-cluster', tags('another-cluster'));
    stage.origin.addForeign('of-nobody');
    await stage.putPlatform('sweeping', { spec: { orphanPolicy: 'Delete' } });
    await eventually('the orphan is gone', 20, async () =>
      stage.origin.streams.has('lc-orphan') ? undefined : true,
    );
    await platformEvent('sweeping', 'OrphanedStreamDeleted', 'lc-orphan');
    await sweeps(3);
    expect(stage.origin.streams.has('of-another-cluster')).toBe(true);
    expect(stage.origin.streams.has('of-nobody')).toBe(true);
    expect(stage.streamsOf(metadata.uid)).toHaveLength(1);
    await stage.client.delete(streamingPlatformType, { name: 'sweeping' });
  }, 60_000);
});

/** Waits until the operator has listed the platform's streams this many more times. */
async function sweeps(times: number): Promise<void> {
  const lists = (): number => stage.origin.calls.filter((call) => call === 'GET').length;
  const before = lists();
  await eventually('sweeps', 20, async () => (lists() >= before + 2 * times + 2 ? true : undefined));
}

async function platformEvent(name: string, reason: string, says: string): Promise<void> {
  await eventually(`event ${reason} on ${name}`, 20, async () => {
    const { items } = await stage.client.list(eventType, { namespace: 'default' });
    const about = items.filter((event) => event.involvedObject.name === name && event.reason === reason);
    return about.some(({ message }) => message.includes(says)) ? true : undefined;
  });
}
