import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { StreamingPlatform } from '../../../src/api/streaming-platform.ts';
import { streamRecords } from '../../../src/api/stream-records.ts';
import { streamingPlatformType } from '../../../src/api/kinds.ts';
import { systemClock, type Clock } from '../../../src/base/clock.ts';
import { eventType } from '../../../src/kube/core-types.ts';
import type { CloudName } from '../../fixtures/clouds/contract.ts';
import type { PaperMedia } from '../../fixtures/clouds/paper-media.ts';
import { startClouds, type Clouds } from '../../fixtures/clouds/start-clouds.ts';
import { OperatorStage, type Ref } from '../../support/operator/operator-stage.ts';
import { eventually } from '../../support/wait/eventually.ts';

/** The system clock, which a test can advance: waits of minutes are skipped. */
let ahead = 0;
const clock: Clock = {
  ...systemClock,
  now: () => new Date(Date.now() + ahead),
  monotonic: () => systemClock.monotonic() + ahead,
};

let stage: OperatorStage;
let clouds: Clouds<PaperMedia>;
beforeAll(async () => {
  clouds = await startClouds({ media: 'paper', maxStreams: { mux: 1 } });
  stage = await OperatorStage.build();
  stage.startOperator({ LIVECHANNEL_ORPHAN_GRACE_SECONDS: '60' }, { clock });
}, 300_000);
afterAll(async () => {
  await stage[Symbol.asyncDispose]();
  await clouds[Symbol.asyncDispose]();
});

let made = 0;
/** A StreamingPlatform for the cloud, with a different value in its Secret or its block. */
async function platformOn(
  cloud: CloudName,
  different: { credentials?: Record<string, string>; block?: object; spec?: object } = {},
): Promise<string> {
  made += 1;
  const name = `${cloud}-${String(made)}`;
  const { credentials, spec } = clouds.cloud(cloud);
  await stage.putSecret({ namespace: 'default', name }, { ...credentials, ...different.credentials });
  await stage.putPlatform(name, {
    spec: {
      provider: cloud,
      origin: undefined,
      credentialsRef: { namespace: 'default', name },
      [cloud]: { ...spec, ...different.block },
      ...different.spec,
    },
  });
  return name;
}

function ready(name: string, reason: string, says = /(?:)/): Promise<StreamingPlatform> {
  return eventually(`StreamingPlatform ${name}: ${reason}`, 20, async () => {
    const platform = await stage.client.get(streamingPlatformType, { name });
    const condition = platform?.status?.conditions?.find(({ type }) => type === 'Ready');
    if (condition?.reason === reason && says.test(condition.message)) return platform;
    throw new Error(JSON.stringify(condition));
  });
}

const writes = (cloud: CloudName): number =>
  clouds.calls.all(cloud).filter(({ operation }) => /create/i.test(operation)).length;

test.each([
  [
    'ivs',
    'an access key that AWS does not know',
    { credentials: { accessKeyId: 'AKIANOTTHERE00000000' } },
    'CredentialsRejected',
    /accessKeyId|access key/i,
  ],
  [
    'ivs',
    'a wrong secret',
    { credentials: { secretAccessKey: 'wrong' } },
    'CredentialsRejected',
    /secretAccessKey|secret access key|signature/i,
  ],
  [
    'cloudflare',
    'a token that Cloudflare does not know',
    { credentials: { apiToken: 'wrong' } },
    'CredentialsRejected',
    /apiToken|token/,
  ],
  [
    'cloudflare',
    'an account that does not exist',
    { block: { accountId: '0'.repeat(32) } },
    'InvalidConfiguration|CredentialsRejected|PermissionDenied',
    /account/i,
  ],
  [
    'mux',
    'a wrong secret',
    { credentials: { tokenSecret: 'wrong' } },
    'CredentialsRejected',
    /tokenSecret|token/,
  ],
] as const)(
  '%s with %s is not Ready, reports why, and creates nothing',
  async (cloud, _what, different, reasons, says) => {
    const before = writes(cloud);
    const name = await platformOn(cloud, different);
    const ref = { namespace: await stage.namespace(), name: 'show' };
    await stage.apply(ref, { platformRef: { name } });
    const condition = await eventually(`${name} is not Ready`, 20, async () => {
      const platform = await stage.client.get(streamingPlatformType, { name });
      const found = platform?.status?.conditions?.find(({ type }) => type === 'Ready');
      return found?.status === 'False' ? found : undefined;
    });
    expect(condition.reason).toMatch(new RegExp(`^(${reasons})$`));
    expect(condition.message).toMatch(says);
    for (const secret of Object.values(clouds.cloud(cloud).credentials).filter((each) => each.length > 12))
      expect(condition.message).not.toContain(secret);
    await stage.channelIs(ref, 'not live', ({ status }) => status?.relayStatus === 'error');
    expect(clouds.cloud(cloud).streams()).toEqual([]);
    expect(writes(cloud)).toBeLessThanOrEqual(before + 20); // it retries now and then, and is rejected
  },
  60_000,
);

test('a missing permission is reported by the channel and the platform until it is granted', async () => {
  const name = await platformOn('ivs');
  const lack = clouds.faults.add({ cloud: 'ivs', operation: 'CreateChannel', kind: 'no-permission' });
  const ref = { namespace: await stage.namespace(), name: 'show' };
  await stage.apply(ref, { platformRef: { name } });
  const channel = await stage.notReady(ref, 'PermissionDenied');
  expect(JSON.stringify(channel.status)).toContain('ivs:CreateChannel');
  await ready(name, 'PermissionDenied', /ivs:CreateChannel/);
  lack();
  await stage.onAir(ref, 40);
  await ready(name, 'CredentialsVerified');
  const { metadata } = await stage.onAir(ref);
  await stage.client.delete(
    { apiVersion: channel.apiVersion, kind: 'LiveChannel', plural: 'livechannels', namespaced: true },
    ref,
  );
  await stage.gone(ref, metadata.uid);
  await eventually('no stream', 20, () =>
    Promise.resolve(clouds.cloud('ivs').streams().length === 0 ? true : undefined),
  );
}, 120_000);

test('a create with a lost response creates one stream, which is adopted', async () => {
  for (const [cloud, operation] of [
    ['ivs', 'CreateChannel'],
    ['mux', 'liveStreams.create'],
    ['cloudflare', 'liveInputs.create'],
  ] as const) {
    const name = await platformOn(cloud);
    await ready(name, 'CredentialsVerified');
    clouds.faults.add({ cloud, operation, kind: 'lost-answer', times: 1 });
    clouds.faults.add({ cloud, kind: 'stale-list', ms: 3_000, times: 2 });
    const ref = { namespace: await stage.namespace(), name: 'show' };
    await stage.apply(ref, { platformRef: { name } });
    const channel = await stage.onAir(ref, 60);
    expect(clouds.calls.all(cloud).some(({ faults }) => faults.includes('lost-answer'))).toBe(true);
    expect(
      clouds
        .cloud(cloud)
        .streams()
        .map(({ id }) => id),
    ).toEqual([channel.status?.streamId]);
    clouds.faults.clear();
    await remove(ref, cloud);
  }
}, 240_000);

test('a full account is retried by one channel at a time, by priority and age', async () => {
  const name = await platformOn('mux');
  const namespace = await stage.namespace();
  const [first, young, urgent] = ['first', 'young', 'urgent'].map((each) => ({ namespace, name: each }));
  if (!first || !young || !urgent) throw new Error('three');
  await stage.apply(first, { platformRef: { name } });
  await stage.onAir(first);
  await stage.apply(young, { platformRef: { name } });
  await stage.notReady(young, 'QuotaExceeded');
  await stage.apply(urgent, { platformRef: { name }, priority: 10 });
  await stage.notReady(urgent, 'QuotaExceeded');
  clouds.calls.clear();
  ahead += 40_000; // past the back-off for a full account
  await eventually('it is tried again', 40, () =>
    Promise.resolve(clouds.calls.count('mux', 'liveStreams.create') > 0 ? true : undefined),
  );
  expect(clouds.calls.count('mux', 'liveStreams.create')).toBeLessThanOrEqual(2);
  await stage.kubectl(['delete', 'livechannel', 'first', '-n', namespace]);
  await stage.onAir(urgent, 60);
  await stage.notReady(young, 'QuotaExceeded');
  await stage.kubectl(['delete', 'livechannel', 'urgent', '-n', namespace]);
  await stage.onAir(young, 60);
  await remove(young, 'mux');
}, 240_000);

test('the annotation rotates the key once', async () => {
  const name = await platformOn('ivs');
  const ref = { namespace: await stage.namespace(), name: 'show' };
  await stage.apply(ref, { platformRef: { name } });
  const before = await stage.onAir(ref);
  const key = (await stage.secret(ref))?.data?.['stream-key'];
  await stage.kubectl([
    'annotate',
    'livechannel',
    'show',
    '-n',
    ref.namespace,
    'livechannel.dev/rotate-key=leak-1',
  ]);
  const after = await stage.channelIs(
    ref,
    'another key',
    ({ status }) => status?.streamKeyId !== before.status?.streamKeyId,
  );
  expect((await stage.secret(ref))?.data?.['stream-key']).not.toBe(key);
  expect(after.status).toMatchObject({
    streamId: before.status?.streamId,
    hlsPlaybackUrl: before.status?.hlsPlaybackUrl,
  });
  await stage.event(ref, 'Normal', 'KeyRotated');
  const rotations = clouds.calls.count('ivs', 'CreateStreamKey');
  await stage.apply(ref, { platformRef: { name }, relay: { maxResolution: '720p' } });
  await stage.onAir(ref);
  expect(clouds.calls.count('ivs', 'CreateStreamKey')).toBe(rotations);
  await remove(ref, 'ivs');
}, 120_000);

test('unowned streams are reported, and deleted when configured; foreign ones are not touched', async () => {
  const foreign = clouds.cloud('cloudflare').makeForeignStream();
  const name = await platformOn('cloudflare');
  const ref = { namespace: await stage.namespace(), name: 'show' };
  await stage.apply(ref, { platformRef: { name } });
  const { status } = await stage.onAir(ref);
  // Its finalizer is removed while the operator is stopped, so that nothing cleans up.
  await stage.stopOperator();
  await stage.client.patchMerge(
    { apiVersion: 'livechannel.dev/v1alpha1', kind: 'LiveChannel', plural: 'livechannels', namespaced: true },
    ref,
    { metadata: { finalizers: null } },
  );
  await stage.kubectl(['delete', 'livechannel', 'show', '-n', ref.namespace]);
  stage.startOperator({ LIVECHANNEL_ORPHAN_GRACE_SECONDS: '60' }, { clock });
  await ready(name, 'CredentialsVerified');
  ahead += 61_000;
  const platform = await eventually('the orphan is reported', 20, async () => {
    const now = await stage.client.get(streamingPlatformType, { name });
    return now?.status?.orphanedStreams === 1 ? now : undefined;
  });
  expect(platform.status?.conditions?.find(({ type }) => type === 'OrphanedStreams')).toMatchObject({
    status: 'True',
    message: expect.stringContaining(status?.streamId ?? '?'),
  });
  const { items } = await stage.client.list(eventType, { namespace: 'default' });
  expect(
    items.some(
      (event) => event.reason === 'OrphanedStreams' && event.message.includes(status?.streamId ?? '?'),
    ),
  ).toBe(true);
  await stage.client.patchMerge(streamingPlatformType, { name }, { spec: { orphanPolicy: 'Delete' } });
  await eventually('only the foreign one is left', 40, () =>
    Promise.resolve(
      clouds
        .cloud('cloudflare')
        .streams()
        .map(({ id }) => id)
        .join() === foreign
        ? true
        : undefined,
    ),
  );
}, 180_000);

async function remove(ref: Ref, cloud: CloudName): Promise<void> {
  const channel = await stage.channel(ref);
  expect(channel && streamRecords(channel)).toHaveLength(1);
  await stage.kubectl(['delete', 'livechannel', ref.name, '-n', ref.namespace, '--timeout=60s']);
  expect(await stage.channel(ref)).toBeUndefined();
  expect(clouds.cloud(cloud).streams()).toEqual([]);
}
