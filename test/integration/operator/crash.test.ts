import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createHash } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { STREAM_FINALIZER } from '../../../src/api/names.ts';
import { liveChannelType } from '../../../src/api/kinds.ts';
import { leaseType } from '../../../src/kube/core-types.ts';
import { OperatorProcess } from './operator-process.ts';
import { OperatorStage, type Ref } from '../../support/operator/operator-stage.ts';
import { eventually } from '../../support/wait/eventually.ts';

/** What is random here comes from this: LIVECHANNEL_TEST_SEED repeats a run. */
const seed = Number(process.env['LIVECHANNEL_TEST_SEED'] ?? Date.now() % 1_000_000);
const random = seeded(seed);

let stage: OperatorStage;
let namespace: string;
beforeAll(async () => {
  process.stderr.write(`LIVECHANNEL_TEST_SEED=${String(seed)}\n`);
  stage = await OperatorStage.build();
  await stage.putPlatform('origin', { isDefault: true });
  namespace = await stage.namespace();
}, 300_000);
afterAll(() => stage[Symbol.asyncDispose]());

const start = (settings: Record<string, string> = {}): OperatorProcess =>
  OperatorProcess.start(stage.controlPlane.kubeconfigPath, settings);

/** The moments after which the operator is killed, in the order in which they come. */
const moments: Record<string, (ref: Ref, uid: string) => Promise<boolean>> = {
  'the finalizer is there': async (ref) =>
    (await stage.channel(ref))?.metadata.finalizers?.includes(STREAM_FINALIZER) === true,
  'the stream is there': async (_, uid) => stage.streamsOf(uid).length > 0,
  'the Secret is there': async (ref) => (await stage.secret(ref)) !== undefined,
  'the pod is there': async (ref) => (await stage.pod(ref)) !== undefined,
};

const soon = async (moment: () => Promise<boolean>): Promise<void> => {
  while (!(await moment())) await delay(1);
  await delay(Math.floor(random() * 40));
};

test('killed again and again while it creates and deletes, it ends with one stream each, and what is on air is not touched', async () => {
  const onAir = { namespace, name: 'on-air' };
  let operator = start();
  const crash = async (): Promise<void> => {
    await operator.kill();
    operator = start();
  };
  try {
    await stage.apply(onAir);
    await stage.onAir(onAir);
    const before = await untouched(onAir);

    const created: { ref: Ref; uid: string }[] = [];
    for (const [index, [, moment]] of Object.entries(moments).entries()) {
      const ref = { namespace, name: `show-${String(index)}` };
      const { uid } = (await stage.apply(ref)).metadata;
      await soon(() => moment(ref, uid));
      await crash();
      created.push({ ref, uid });
    }
    for (const { ref, uid } of created) {
      const channel = await stage.onAir(ref);
      expect(channel.status?.relay).toMatchObject({ restarts: 0 });
      expect(stage.streamsOf(uid)).toEqual([channel.status?.streamId]);
    }

    for (const { ref, uid } of created) {
      await stage.client.delete(liveChannelType, ref);
      if (random() < 0.5) continue;
      await delay(Math.floor(random() * 60));
      await crash();
      await stage.gone(ref, uid);
    }
    for (const { ref, uid } of created) await stage.gone(ref, uid);
    expect(await untouched(onAir)).toEqual(before);
  } catch (error) {
    throw new Error(`with seed ${String(seed)}; the operator said: ${operator.log.slice(-4_000)}`, {
      cause: error,
    });
  } finally {
    await operator.kill();
  }
}, 180_000);

test('of two operators one works; when it dies the other one goes on', async () => {
  const holder = async (): Promise<string | undefined> => {
    const lease = await stage.client.get(leaseType, { namespace: 'default', name: 'livechannel-operator' });
    return lease?.spec?.holderIdentity;
  };
  const ref = { namespace, name: 'after-failover' };
  const onAir = { namespace, name: 'on-air' };
  await using first = start({ LIVECHANNEL_POD_NAME: 'operator-0' });
  await eventually('the first leads', 20, async () => ((await holder()) === 'operator-0' ? true : undefined));
  await stage.onAir(onAir);
  const before = await untouched(onAir);
  await using second = start({ LIVECHANNEL_POD_NAME: 'operator-1' });
  await eventually('the second waits', 20, async () =>
    second.log.includes('operator starts') ? true : undefined,
  );
  await first.kill();
  const { metadata } = await stage.apply(ref);
  await stage.onAir(ref, 40);
  expect(await holder()).toBe('operator-1');
  expect(stage.streamsOf(metadata.uid)).toHaveLength(1);
  expect(await untouched(onAir)).toEqual(before);
  expect(await second.stop()).toBe(0);
  // It gave the lease back, so that the next one need not wait.
  expect(await holder()).not.toBe('operator-1');
}, 120_000);

/** Versions that any write to the channel, its pod or its Secret would change. */
async function untouched(ref: Ref): Promise<object> {
  const all = [await stage.channel(ref), await stage.pod(ref), await stage.secret(ref)];
  return all.map((object) => ({ uid: object?.metadata.uid, version: object?.metadata.resourceVersion }));
}

/** Numbers from 0 to 1 that are the same for the same seed. */
function seeded(start: number): () => number {
  let drawn = 0;
  return () => {
    drawn += 1;
    const digest = createHash('sha256')
      .update(`${String(start)}/${String(drawn)}`)
      .digest();
    return digest.readUInt32BE() / 2 ** 32;
  };
}
