import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { LiveChannel } from '../../../src/api/live-channel.ts';
import { relayConfigSchema, type RelayConfig } from '../../../src/api/relay-contract.ts';
import { streamRecords } from '../../../src/api/stream-records.ts';
import { leaseType, namespaceType, type Pod } from '../../../src/kube/core-types.ts';
import { live, waitingForHost } from '../../support/operator/fake-kubelet.ts';
import { OperatorStage, readyOf, type Ref } from '../../support/operator/operator-stage.ts';
import { eventually } from '../../support/wait/eventually.ts';

let stage: OperatorStage;
let namespace: string;
beforeAll(async () => {
  stage = await OperatorStage.build();
  await stage.putPlatform('origin', { isDefault: true });
  namespace = await stage.namespace();
  stage.startOperator();
}, 180_000);
afterAll(async () => {
  await stage[Symbol.asyncDispose]();
});

const twoRelays = { relay: { replicas: 2 } };
const slotOf = (channel: LiveChannel): number | undefined => streamRecords(channel)[0]?.slot;
const podIn = async (ref: Ref, slot: number): Promise<Pod> => {
  const pod = await stage.pod(ref, slot);
  if (pod === undefined) throw new Error(`no pod in slot ${String(slot)}`);
  return pod;
};
const configIn = async (ref: Ref, slot: number): Promise<RelayConfig> => {
  const encoded = (await stage.secret(ref, slot))?.data?.['relay.json'] ?? '';
  return relayConfigSchema.parse(JSON.parse(Buffer.from(encoded, 'base64').toString()));
};
/** Waits until the channel is live with a ready standby. */
const paired = (ref: Ref): Promise<LiveChannel> =>
  stage.channelIs(
    ref,
    'on air with a standby',
    ({ status }) => status?.relayStatus === 'active' && status.relay?.standbyPodName !== undefined,
  );
const onAirIn = (ref: Ref, slot: number): Promise<LiveChannel> =>
  stage.channelIs(
    ref,
    `on air in slot ${String(slot)}`,
    (channel) =>
      slotOf(channel) === slot &&
      channel.status?.relay?.podName === `${ref.name}-relay-${String(slot)}` &&
      stage.kubelet.pushing(ref).join() === `${ref.name}-relay-${String(slot)}`,
  );
const begin = async (name: string, spec: object = twoRelays): Promise<Ref> => {
  const ref = { namespace, name };
  await stage.apply(ref, spec);
  return ref;
};

describe('a hot standby', () => {
  test('joins with a separate UID, is configured as a standby, and prefers another node', async () => {
    const ref = await begin('pair');
    const channel = await paired(ref);
    expect(channel.status?.relay).toMatchObject({ podName: 'pair-relay-0', standbyPodName: 'pair-relay-1' });
    const [active, standby] = [await configIn(ref, 0), await configIn(ref, 1)];
    expect([active.standby, standby.standby]).toEqual([false, true]);
    expect(active.agora.uid).not.toBe(standby.agora.uid);
    expect(active.ingest.epoch).toBe(standby.ingest.epoch);
    expect((await podIn(ref, 1)).spec.affinity).toMatchObject({
      podAntiAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 100 }] },
    });
    expect(stage.kubelet.pushing(ref)).toEqual(['pair-relay-0']);
    expect(stage.streamsOf(channel.metadata.uid)).toHaveLength(1);
  });

  test('fails over when the pod is deleted, and starts a new standby', async () => {
    const ref = await begin('deleted');
    const before = await paired(ref);
    await stage.kubectl(['delete', 'pod', 'deleted-relay-0', '-n', namespace, '--wait=false']);
    const after = await onAirIn(ref, 1);
    expect(readyOf(after)?.status).toBe('True');
    expect(after.status?.relayStartedAt).toBe(before.status?.relayStartedAt);
    await stage.event(
      ref,
      'Warning',
      'FailedOver',
      /deleted-relay-0 failed over to deleted-relay-1 \(PodDeleted\)/,
    );
    const again = await paired(ref);
    expect(again.status?.relay).toMatchObject({ standbyPodName: 'deleted-relay-0', restarts: 1 });
    expect((await configIn(ref, 1)).ingest.epoch).toBeGreaterThan(
      streamRecords(before)[0]?.epoch ?? Infinity,
    );
    expect([(await configIn(ref, 0)).standby, (await configIn(ref, 1)).standby]).toEqual([true, false]);
  });

  test('fails over from a frozen relay, which becomes the standby when it continues', async () => {
    const ref = await begin('frozen');
    await paired(ref);
    const frozen = await podIn(ref, 0);
    stage.kubelet.freeze(frozen, true);
    const began = Date.now();
    await eventually('an activation', 20, async () =>
      stage.kubelet.commands.some((each) => each.startsWith('frozen-relay-1 activate?epoch='))
        ? true
        : undefined,
    );
    expect(Date.now() - began).toBeLessThan(10_000);
    expect(stage.kubelet.pushing(ref)).toEqual(['frozen-relay-0', 'frozen-relay-1']); // the ingest rejects the frozen one
    stage.kubelet.freeze(frozen, false);
    await onAirIn(ref, 1);
    await paired(ref);
    expect(stage.kubelet.commands).toContain('frozen-relay-0 standby');
    expect((await podIn(ref, 0)).metadata.uid).toBe(frozen.metadata.uid);
  });

  test('fails over from a killed container, which becomes the standby after its restart', async () => {
    const ref = await begin('killed');
    await paired(ref);
    const killed = await stage.kubelet.kill(await podIn(ref, 0));
    await onAirIn(ref, 1);
    await eventually('the file has the standby role', 20, async () =>
      (await configIn(ref, 0)).standby ? true : undefined,
    );
    await killed.restart();
    await onAirIn(ref, 1);
    await paired(ref);
  }, 60_000);

  test('does not fail over because there is no host', async () => {
    const ref = await begin('lonely');
    await paired(ref);
    stage.kubelet.say(ref, waitingForHost);
    await stage.notReady(ref, 'WaitingForHost');
    stage.kubelet.say(ref, live());
    expect(slotOf(await paired(ref))).toBe(0);
  });

  test('is removed when replicas is 1, and with the channel', async () => {
    const ref = await begin('single');
    const { metadata } = await paired(ref);
    await stage.apply(ref, { relay: { replicas: 1 } });
    await eventually('one relay', 20, async () =>
      (await stage.pod(ref, 1)) === undefined && (await stage.secret(ref, 1)) === undefined
        ? true
        : undefined,
    );
    expect(slotOf(await stage.onAir(ref))).toBe(0);
    await stage.apply(ref, twoRelays);
    await paired(ref);
    await stage.kubectl(['delete', 'livechannel', 'single', '-n', namespace, '--wait=false']);
    await stage.gone(ref, metadata.uid);
    expect(await stage.pod(ref, 1)).toBeUndefined();
  }, 60_000);

  test('makes room for a migration, and is created again afterwards', async () => {
    const ref = await begin('mover');
    await paired(ref);
    await stage.putPlatform('elsewhere');
    await stage.apply(ref, { ...twoRelays, platformRef: { name: 'elsewhere' } });
    await stage.channelIs(ref, 'migrated', ({ status }) => status?.streamingPlatform === 'elsewhere', 60);
    const { status } = await stage.channelIs(
      ref,
      'a standby again',
      (channel) => channel.status?.relay?.standbyPodName !== undefined && streamRecords(channel).length === 1,
      60,
    );
    expect(status?.relayStatus).toBe('active');
  }, 120_000);
});

describe('another configuration', () => {
  const keyframes = (replicas: number, keyframeIntervalSeconds: number): object => ({
    relay: { replicas, keyframeIntervalSeconds },
  });
  const rolled = (ref: Ref): Promise<true> =>
    eventually('the new configuration on air', 30, async () => {
      const channel = await stage.channel(ref);
      const slot = channel === undefined ? undefined : slotOf(channel);
      if (slot === undefined || channel?.status?.relayStatus !== 'active') return undefined;
      const { media } = await configIn(ref, slot);
      const pod = await stage.pod(ref, slot);
      const begun = pod?.metadata.annotations?.['livechannel.dev/spec-hash'];
      return media.keyframeIntervalSeconds === 4 && begun !== hashes.get(ref.name) ? true : undefined;
    });
  const hashes = new Map<string, string | undefined>();
  const neverOffAir = async (ref: Ref, work: () => Promise<void>): Promise<void> => {
    const dark: string[] = [];
    const timer = setInterval(() => {
      if (stage.kubelet.pushing(ref).length === 0) dark.push(new Date().toISOString());
    }, 20);
    await work();
    clearInterval(timer);
    // Between the commands to the two relays there is a moment in which neither pushes.
    expect(dark.length).toBeLessThan(50);
  };

  test.each([1, 2])(
    'with %i relays is applied by a failover',
    async (replicas) => {
      const ref = await begin(`roll-${String(replicas)}`, keyframes(replicas, 2));
      await (replicas === 1 ? stage.onAir(ref) : paired(ref));
      hashes.set(ref.name, (await podIn(ref, 0)).metadata.annotations?.['livechannel.dev/spec-hash']);
      await neverOffAir(ref, async () => {
        await stage.apply(ref, keyframes(replicas, 4));
        await rolled(ref);
      });
      await stage.event(ref, 'Normal', 'FailedOver', /SpecChanged/);
      const channel = await stage.channelIs(
        ref,
        'at rest',
        ({ status }) =>
          status?.relayStatus === 'active' &&
          status.relay?.restarts === 1 &&
          (status.relay.standbyPodName !== undefined) === (replicas === 2),
      );
      const slot = slotOf(channel) ?? 0;
      await eventually('the configured number of relays', 20, async () =>
        ((await stage.pod(ref, 1 - slot)) === undefined) === (replicas === 1) ? true : undefined,
      );
      expect(channel.status?.relay).toMatchObject({ restarts: 1, lastRestartReason: 'SpecChanged' });
    },
    60_000,
  );
});

describe('a node that is lost', () => {
  test('is detected by its Lease, and the relay is replaced in the other slot', async () => {
    const ref = await begin('lost', {});
    await stage.onAir(ref);
    const pod = await podIn(ref, 0);
    stage.kubelet.freeze(pod, true);
    const renewTime = new Date(Date.now() - 11_000).toISOString().replace('Z', '000Z');
    await stage.client.apply(namespaceType, { metadata: { name: 'kube-node-lease' } });
    await stage.client.apply(leaseType, {
      metadata: { namespace: 'kube-node-lease', name: pod.spec.nodeName ?? '' },
      spec: { renewTime },
    });
    stage.kubelet.holdDeletions = true; // its pod is not removed
    await stage.event(ref, 'Warning', 'FailedOver', /NodeLost/);
    const next = await eventually('a pod on another node', 20, () => stage.pod(ref, 1));
    expect(JSON.stringify(next.spec.affinity?.nodeAffinity)).toContain(pod.spec.nodeName);
    const channel = await stage.channelIs(
      ref,
      'on air again',
      ({ status }) => status?.relayStatus === 'active' && status.relay?.podName === 'lost-relay-1',
    );
    expect(channel.status?.relay).toMatchObject({ restarts: 1, lastRestartReason: 'NodeLost' });
    expect((await stage.pod(ref, 0))?.metadata.deletionTimestamp).toBeDefined();
    await stage.kubelet.releaseDeletions();
    await eventually('the old pod is gone', 20, async () =>
      (await stage.pod(ref, 0)) === undefined ? true : undefined,
    );
  }, 60_000);
});
