import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { LiveChannel } from '../../../src/api/live-channel.ts';
import { relayConfigSchema } from '../../../src/api/relay-contract.ts';
import { activeRecord } from '../../../src/api/stream-records.ts';
import { systemClock, type Clock } from '../../../src/base/clock.ts';
import type { Secret } from '../../../src/kube/core-types.ts';
import { verifyToken } from '../../fixtures/agora/token.ts';
import { waitingForHost, live } from '../../support/operator/fake-kubelet.ts';
import { agoraApp, readyOf, OperatorStage, type Ref } from '../../support/operator/operator-stage.ts';
import { eventually } from '../../support/wait/eventually.ts';

/** The system clock, which a test can advance. */
let ahead = 0;
const clock: Clock = { ...systemClock, now: () => new Date(Date.now() + ahead) };

let stage: OperatorStage;
beforeAll(async () => {
  stage = await OperatorStage.build();
  await stage.putPlatform('origin', { isDefault: true });
  stage.startOperator({}, { clock });
}, 300_000);
afterAll(() => stage[Symbol.asyncDispose]());

const text = (secret: Secret | undefined, key: string): string =>
  Buffer.from(secret?.data?.[key] ?? '', 'base64').toString();

const generationSeen = ({ metadata, status }: LiveChannel): boolean =>
  status?.observedGeneration === metadata.generation;

test('apply brings a channel live: stream, Secret, pod, playback URL', async () => {
  // A namespace that admits only hardened pods.
  const namespace = await stage.namespace({ 'pod-security.kubernetes.io/enforce': 'restricted' });
  const ref = { namespace, name: 'show' };
  const { metadata } = await stage.apply(ref, {
    agora: { credentialsRef: { name: 'agora' }, hostUid: 1000 },
  });
  const channel = await stage.onAir(ref);

  const [id = ''] = stage.streamsOf(metadata.uid);
  expect(channel.status).toMatchObject({
    observedGeneration: 1,
    relayStatus: 'active',
    effectiveStreamMode: 'hybrid',
    hlsPlaybackUrl: `http://127.0.0.1:8080/hls/${id}/index.m3u8`,
    streamingPlatform: 'origin',
    streamId: id,
    streamKeyId: 'v1',
    relay: { podName: 'show-relay-0', nodeName: 'stand-in-node', mode: 'passthrough', restarts: 0 },
    health: 'good',
  });
  expect(channel.status?.conditions?.map(({ type, status }) => `${type}=${status}`)).toEqual([
    'Ready=True',
    'StreamReady=True',
    'RelayReady=True',
    'HostPresent=True',
    'FallbackActive=False',
    'WithinBudget=True',
  ]);
  for (const reason of ['StreamCreated', 'RelayCreated', 'Live']) await stage.event(ref, 'Normal', reason);
  expect(stage.streamsOf(metadata.uid)).toHaveLength(1);

  // The Secret has everything that the relay needs, with a token that Agora would accept.
  const secret = await stage.secret(ref);
  expect(text(secret, 'ingest-url')).toBe('rtmps://127.0.0.1:1936/live/');
  expect(text(secret, 'stream-key')).toBe(`key-of-${id}-v1`);
  const config = relayConfigSchema.parse(JSON.parse(text(secret, 'relay.json')));
  expect(config).toMatchObject({
    channel: `${namespace}/show`,
    agora: { channelName: 'show', hostUid: 1000 },
  });
  const use = { token: text(secret, 'agora-token'), channel: 'show', uid: config.agora.uid, now: Date.now() };
  expect(verifyToken([agoraApp], use)).toMatchObject({ valid: true, mayPublish: false });
  expect(verifyToken([agoraApp], { ...use, channel: 'other' })).toMatchObject({ valid: false });

  // Secret values are in the Secret's data and nowhere else.
  const pod = await stage.pod(ref);
  const objects = [pod, channel, { ...secret, data: {} }, await stage.events(ref)];
  const visible = JSON.stringify(objects) + stage.log;
  for (const key of ['stream-key', 'agora-token', 'control-token'])
    expect(visible).not.toContain(text(secret, key));
  expect(visible).not.toContain(agoraApp.appCertificate);
}, 60_000);

test('kubectl shows the main facts', async () => {
  const namespace = await stage.namespace();
  await stage.apply({ namespace, name: 'show' });
  await stage.onAir({ namespace, name: 'show' });
  const { stdout } = await stage.kubectl(['get', 'lc', '-n', namespace]);
  expect(stdout).toMatch(/show .*active .*origin .*http:\/\/127.0.0.1:8080\/hls/);
  const { stdout: described } = await stage.kubectl(['describe', 'lc', 'show', '-n', namespace]);
  expect(described).toMatch(/Normal\s+Live .*Media arrives at the platform/);
}, 60_000);

test('without a host the channel waits, and goes live when the host joins', async () => {
  const ref = { namespace: await stage.namespace(), name: 'show' };
  stage.kubelet.say(ref, waitingForHost);
  await stage.apply(ref);
  const waiting = await stage.notReady(ref, 'WaitingForHost');
  expect(waiting.status).toMatchObject({ relayStatus: 'starting', relay: { restarts: 0 } });
  expect(waiting.status?.hlsPlaybackUrl).toMatch(/^http/);
  await stage.event(ref, 'Normal', 'WaitingForHost');
  stage.kubelet.say(ref, live());
  await stage.onAir(ref);
}, 60_000);

test('suspend ends the relay and keeps the stream; resuming does not count as a restart', async () => {
  const ref = { namespace: await stage.namespace(), name: 'show' };
  await stage.apply(ref);
  const before = await stage.onAir(ref);
  await stage.apply(ref, { suspend: true });
  const off = await stage.notReady(ref, 'Suspended');
  expect(off.status).toMatchObject({ relayStatus: 'stopped', hlsPlaybackUrl: before.status?.hlsPlaybackUrl });
  await eventually('no pod', 20, async () => ((await stage.pod(ref)) === undefined ? true : undefined));
  await stage.event(ref, 'Normal', 'Suspended');
  await stage.apply(ref, { suspend: false });
  const after = await stage.onAir(ref);
  expect(after.status).toMatchObject({ streamId: before.status?.streamId, relay: { restarts: 0 } });
}, 60_000);

test('resuming immediately after suspending does not count as a restart either', async () => {
  const ref = { namespace: await stage.namespace(), name: 'show' };
  await stage.apply(ref);
  await stage.onAir(ref);
  const first = await stage.pod(ref);
  stage.kubelet.holdDeletions = true;
  await stage.apply(ref, { suspend: true });
  await stage.notReady(ref, 'Suspended');
  await stage.apply(ref, { suspend: false });
  await stage.channelIs(ref, 'the change was observed', generationSeen);
  await stage.kubelet.releaseDeletions();
  const after = await stage.onAir(ref);
  expect((await stage.pod(ref))?.metadata.uid).not.toBe(first?.metadata.uid);
  expect(after.status?.relay).toMatchObject({ restarts: 0 });
}, 60_000);

test('agora-only needs neither relay nor stream', async () => {
  const ref = { namespace: await stage.namespace(), name: 'show' };
  const { metadata } = await stage.apply(ref);
  await stage.onAir(ref);
  await stage.apply(ref, { streamMode: 'agora-only' });
  await stage.notReady(ref, 'AgoraOnly');
  await eventually('nothing is left of the stream', 20, async () => {
    const left = [await stage.pod(ref), await stage.secret(ref), ...stage.streamsOf(metadata.uid)];
    return left.every((each) => each === undefined) ? true : undefined;
  });
  const off = await stage.channelIs(ref, 'no URL', ({ status }) => status?.hlsPlaybackUrl === undefined);
  expect(off.status).toMatchObject({ relayStatus: 'stopped', effectiveStreamMode: 'agora-only' });
}, 60_000);

describe('a changed spec', () => {
  test('replaces the relay by another one, and reports it', async () => {
    const ref = { namespace: await stage.namespace(), name: 'show' };
    await stage.apply(ref);
    const before = await stage.onAir(ref);
    const first = await stage.pod(ref);
    await stage.apply(ref, { relay: { keyframeIntervalSeconds: 4, template: { labels: { team: 'live' } } } });
    const after = await stage.channelIs(
      ref,
      'on air again',
      (channel) => (channel.status?.relay?.restarts ?? 0) > 0 && channel.status?.relayStatus === 'active',
    );
    expect(after.status).toMatchObject({
      streamId: before.status?.streamId,
      relay: { restarts: 1, lastRestartReason: 'SpecChanged' },
    });
    const second = await stage.pod(ref, 1);
    expect(second?.metadata.uid).not.toBe(first?.metadata.uid);
    expect(second?.metadata.labels).toMatchObject({ team: 'live' });
    const config = relayConfigSchema.parse(JSON.parse(text(await stage.secret(ref, 1), 'relay.json')));
    expect(config.media.keyframeIntervalSeconds).toBe(4);
    await stage.event(ref, 'Normal', 'FailedOver', /SpecChanged/);
    await eventually('the first relay is removed', 20, async () =>
      (await stage.pod(ref)) === undefined && (await stage.secret(ref)) === undefined ? true : undefined,
    );
  }, 60_000);

  test('migrates the channel to another platform and deletes its stream on the first one', async () => {
    const namespace = await stage.namespace();
    const ref = { namespace, name: 'show' };
    await stage.putPlatform('other');
    const { metadata } = await stage.apply(ref);
    await stage.onAir(ref);
    await stage.apply(ref, { platformRef: { name: 'other' } });
    const moved = await stage.channelIs(
      ref,
      'live on the other platform',
      ({ status }) => status?.streamingPlatform === 'other' && status.relayStatus === 'active',
    );
    expect(activeRecord(moved)).toMatchObject({ platform: 'other', slot: 1 });
    await stage.event(ref, 'Normal', 'Migrating');
    await stage.event(ref, 'Normal', 'Migrated');
    // Both are on the same origin; the old one is drained first.
    await stage.event(ref, 'Normal', 'StreamDeleted');
    expect(stage.streamsOf(metadata.uid)).toEqual([moved.status?.streamId]);
    expect(moved.status?.relay?.restarts).toBe(0);
  }, 60_000);
});

test('the token is renewed after half of its lifetime while live, and the pod is updated', async () => {
  const ref = { namespace: await stage.namespace(), name: 'show' };
  await stage.apply(ref);
  await stage.onAir(ref);
  const [before, pod] = [await stage.secret(ref), await stage.pod(ref)];
  ahead += 3_601_000;
  await touch(ref);
  const after = await eventually('a new token', 20, async () => {
    const secret = await stage.secret(ref);
    return text(secret, 'agora-token') === text(before, 'agora-token') ? undefined : secret;
  });
  expect(text(after, 'stream-key')).toBe(text(before, 'stream-key'));
  const updated = await eventually("the pod's annotation changes", 20, async () => {
    const now = await stage.pod(ref);
    const revision = (of: typeof now): string | undefined =>
      of?.metadata.annotations?.['livechannel.dev/secret-revision'];
    return revision(now) === revision(pod) ? undefined : now;
  });
  expect(updated.metadata.uid).toBe(pod?.metadata.uid);
  const channel = await stage.channel(ref);
  expect(channel?.status).toMatchObject({ relayStatus: 'active', relay: { restarts: 0 } });
}, 60_000);

test('Ready has the generation of the observed spec', async () => {
  const ref = { namespace: await stage.namespace(), name: 'show' };
  await stage.apply(ref);
  await stage.onAir(ref);
  await stage.apply(ref, { deletionPolicy: 'Retain' });
  const channel = await stage.channelIs(ref, 'the change was observed', generationSeen);
  expect(readyOf(channel)).toMatchObject({ status: 'True', observedGeneration: 2 });
}, 60_000);

test('without cost records, auto is hybrid, a budget has no effect, and the channel reports both', async () => {
  const ref = { namespace: await stage.namespace(), name: 'show' };
  const budget = { usd: '5', per: 'show', actionAt100Percent: 'stop' };
  await stage.apply(ref, { streamMode: 'auto', budget });
  const { status } = await stage.onAir(ref);
  expect(status?.effectiveStreamMode).toBe('hybrid');
  expect(status?.modeReason).toContain('DATABASE_URL');
  await stage.event(ref, 'Normal', 'BudgetUnknown', /DATABASE_URL/);
}, 60_000);

test('none of this logs a warning', () => {
  const levels = stage.log.split('\n').filter((line) => /"level":[456]0/.test(line));
  expect(stage.log).toContain('"msg":"channel step"');
  expect(levels).toEqual([]);
});

/** Causes a reconcile of the channel. */
async function touch(ref: Ref): Promise<void> {
  await stage.kubectl(['annotate', 'lc', ref.name, '-n', ref.namespace, `touched=${String(Date.now())}`]);
}
