import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { podType, secretType } from '../../../src/kube/core-types.ts';
import { streamingPlatformType } from '../../../src/api/kinds.ts';
import { agoraApp, readyOf, OperatorStage, type Ref } from '../../support/operator/operator-stage.ts';
import { eventually } from '../../support/wait/eventually.ts';

let stage: OperatorStage;
beforeAll(async () => {
  stage = await OperatorStage.build();
  await stage.putPlatform('origin');
  stage.startOperator();
}, 300_000);
afterAll(() => stage[Symbol.asyncDispose]());

/** A channel on the existing platform, unless the test overrides it. */
const spec = (difference: object = {}): object => ({ platformRef: { name: 'origin' }, ...difference });

/** Waits until the channel is not ready with this reason, which an event also reports. */
async function complains(ref: Ref, reason: string, names: RegExp): Promise<void> {
  const channel = await stage.channelIs(ref, `${reason}: ${String(names)}`, (each) => {
    const ready = readyOf(each);
    return ready?.status === 'False' && ready.reason === reason && names.test(ready.message);
  });
  expect(channel.status?.relayStatus).toBe('error');
  await stage.event(ref, 'Warning', reason, names);
  const { stdout } = await stage.kubectl(['describe', 'lc', ref.name, '-n', ref.namespace]);
  expect(stdout).toMatch(new RegExp(`Warning\\s+${reason}`));
}

test('recovers when a missing, incomplete and malformed Agora Secret is corrected', async () => {
  const ref = { namespace: await stage.namespace(), name: 'show' };
  const credentials = { namespace: ref.namespace, name: 'mine' };
  const { metadata } = await stage.apply(ref, spec({ agora: { credentialsRef: { name: 'mine' } } }));
  await complains(ref, 'CredentialsNotFound', /Secret test-\d+\/mine .*does not exist/);
  expect(stage.streamsOf(metadata.uid)).toEqual([]);
  await stage.putSecret(credentials, { appCertificate: agoraApp.appCertificate });
  await complains(ref, 'CredentialsNotFound', /has no key appId/);
  await stage.putSecret(credentials, { appId: 'not an app id', appCertificate: agoraApp.appCertificate });
  await complains(ref, 'CredentialsRejected', /Key appId of Secret .* is not 32 hexadecimal digits/);
  await stage.putSecret(credentials, agoraApp);
  await stage.onAir(ref);
}, 60_000);

test('recovers when a missing platform is created', async () => {
  const ref = { namespace: await stage.namespace(), name: 'show' };
  await stage.apply(ref, { platformRef: { name: 'late' } });
  await complains(ref, 'PlatformNotFound', /StreamingPlatform late .* does not exist. There are: .*origin/);
  await stage.putPlatform('late');
  await stage.onAir(ref);
}, 60_000);

test('requires exactly one default platform', async () => {
  const ref = { namespace: await stage.namespace(), name: 'show' };
  await stage.apply(ref);
  await complains(ref, 'NoDefaultPlatform', /livechannel.dev\/is-default-platform/);
  await stage.putPlatform('one', { isDefault: true });
  const served = { namespace: ref.namespace, name: 'served' };
  await stage.onAir(ref);
  await stage.putPlatform('two', { isDefault: true });
  await stage.apply(served);
  await complains(served, 'MultipleDefaultPlatforms', /one, two/);
  await stage.putPlatform('two');
  await stage.onAir(served);
  await stage.putPlatform('one');
}, 60_000);

test("reports a missing key in the provider's Secret", async () => {
  const ref = { namespace: await stage.namespace(), name: 'show' };
  await stage.putPlatform('later', { spec: { provider: 'mux', origin: undefined, mux: {} } });
  await stage.apply(ref, { platformRef: { name: 'later' } });
  await complains(ref, 'CredentialsNotFound', /"tokenId".*Keys in the Secret: token/);
}, 60_000);

test('recovers when a token that the platform rejects is replaced', async () => {
  const ref = { namespace: await stage.namespace(), name: 'show' };
  await stage.putSecret({ namespace: 'default', name: 'wrong' }, { token: 'not-the-token-of-the-origin' });
  await stage.putPlatform('locked', { spec: { credentialsRef: { namespace: 'default', name: 'wrong' } } });
  await stage.apply(ref, { platformRef: { name: 'locked' } });
  await complains(ref, 'CredentialsRejected', /refused the token/);
  await eventually('the platform reports it too', 20, async () => {
    const platform = await stage.client.get(streamingPlatformType, { name: 'locked' });
    const ready = platform?.status?.conditions?.find(({ type }) => type === 'Ready');
    return ready?.status === 'False' && ready.reason === 'CredentialsRejected' ? true : undefined;
  });
  await stage.putSecret({ namespace: 'default', name: 'wrong' }, { token: stage.origin.token });
  await stage.onAir(ref);
}, 60_000);

test("goes live when a platform recovers that was unavailable at the channel's creation", async () => {
  const ref = { namespace: await stage.namespace(), name: 'show' };
  stage.origin.down = true;
  await stage.apply(ref, spec());
  await complains(ref, 'PlatformUnavailable', /does not answer/);
  stage.origin.mend();
  await stage.onAir(ref);
}, 60_000);

test('a platform outage changes only its own condition while the channel is live', async () => {
  const ref = { namespace: await stage.namespace(), name: 'show' };
  await stage.apply(ref, spec());
  const before = await stage.onAir(ref);
  const pod = await stage.pod(ref);
  stage.origin.down = true;
  const platformReady = (status: string): Promise<true> =>
    eventually(`platform ready: ${status}`, 20, async () => {
      const platform = await stage.client.get(streamingPlatformType, { name: 'origin' });
      const ready = platform?.status?.conditions?.find(({ type }) => type === 'Ready');
      return ready?.status === status ? true : undefined;
    });
  await platformReady('False');
  stage.origin.mend();
  await platformReady('True');
  const after = await stage.channel(ref);
  expect(after?.status).toEqual(before.status);
  expect((await stage.pod(ref))?.metadata.uid).toBe(pod?.metadata.uid);
}, 60_000);

test('waits for a full platform until it has room', async () => {
  const ref = { namespace: await stage.namespace(), name: 'show' };
  stage.origin.fail('PUT', 'full', Infinity);
  await stage.apply(ref, spec());
  await complains(ref, 'QuotaExceeded', /TooManyStreams/);
  stage.origin.mend();
  await stage.onAir(ref);
}, 60_000);

test('reports options that the platform does not support', async () => {
  const ref = { namespace: await stage.namespace(), name: 'show' };
  await stage.apply(ref, spec({ playback: { recording: 'automatic' } }));
  await complains(ref, 'InvalidConfiguration', /playback.recording automatic/);
  await stage.apply(ref, spec({ relay: { keyframeIntervalSeconds: 10 } }));
  await stage.onAir(ref);
  // A live channel stays live and reports the problem.
  await stage.apply(ref, spec({ playback: { latency: 'low' }, relay: { keyframeIntervalSeconds: 10 } }));
  const channel = await stage.channelIs(
    ref,
    'warned',
    (each) => readyOf(each)?.reason === 'InvalidConfiguration',
  );
  expect(readyOf(channel)).toMatchObject({
    status: 'True',
    message: expect.stringContaining('playback.latency low'),
  });
  expect(channel.status?.relayStatus).toBe('active');
}, 60_000);

test('recovers from an image that cannot be pulled', async () => {
  const ref = { namespace: await stage.namespace(), name: 'show' };
  stage.kubelet.plan(ref, { kind: 'wait', reason: 'ErrImagePull', message: 'relay:test: not found' });
  await stage.apply(ref, spec());
  await complains(ref, 'ImagePullFailed', /relay:test: not found/);
  stage.kubelet.plan(ref, stage.kubelet.usual);
  await stage.kubelet.retry();
  const { status } = await stage.onAir(ref);
  expect(status?.relay).toMatchObject({ restarts: 0 });
}, 60_000);

test.each([
  ['the pod', 'pods', '0', 'PodCreateFailed'],
  ['the Secret', 'count/secrets', '1', 'ReconcileFailed'],
])(
  'waits for a namespace quota that leaves no room for %s',
  async (_, resource, most, reason) => {
    const ref = { namespace: await stage.namespace(), name: 'show' };
    const quota = { hard: { [resource]: most } };
    const manifest = { apiVersion: 'v1', kind: 'ResourceQuota', metadata: { name: 'none' }, spec: quota };
    await stage.kubectl(['create', '-n', ref.namespace, '-f', '-'], JSON.stringify(manifest));
    await eventually('the quota is in effect', 20, async () => {
      const { stdout } = await stage.kubectl(['get', 'quota', 'none', '-n', ref.namespace, '-o', 'json']);
      return (JSON.parse(stdout) as { status?: { used?: object } }).status?.used === undefined
        ? undefined
        : true;
    });
    await stage.apply(ref, spec());
    await complains(ref, reason, /exceeded quota/);
    await stage.kubectl(['delete', 'quota', 'none', '-n', ref.namespace]);
    await stage.onAir(ref, 40);
  },
  60_000,
);

test("does not touch a foreign pod and a foreign Secret with the relay's names", async () => {
  const { namespace } = { namespace: await stage.namespace() };
  const [one, two] = [
    { namespace, name: 'one' },
    { namespace, name: 'two' },
  ];
  await stage.client.create(podType, {
    metadata: { namespace, name: 'one-relay-0' },
    spec: { containers: [{ name: 'mine', image: 'mine' }] },
  });
  await stage.putSecret({ namespace, name: 'two-relay' }, { mine: 'precious' });
  await stage.apply(one, spec());
  await complains(one, 'PodCreateFailed', /one-relay-0 exists and does not belong to this channel/);
  const { metadata } = await stage.apply(two, spec());
  await complains(two, 'InvalidConfiguration', /Secret two-relay exists and does not belong to this channel/);
  expect(stage.streamsOf(metadata.uid)).toEqual([]);
  const kept = await stage.client.get(secretType, { namespace, name: 'two-relay' });
  expect(Object.keys(kept?.data ?? {})).toEqual(['mine']);
  await stage.client.delete(secretType, { namespace, name: 'two-relay' });
  await stage.onAir(two);
}, 60_000);
