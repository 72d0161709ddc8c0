import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { LiveChannel } from '../../../src/api/live-channel.ts';
import { annotations } from '../../../src/api/names.ts';
import { liveChannelType } from '../../../src/api/kinds.ts';
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

const begin = async (name: string, idle: object): Promise<Ref> => {
  const ref = { namespace, name };
  await stage.apply(ref, { relay: { idle } });
  return ref;
};
const resting = (ref: Ref): Promise<LiveChannel> =>
  stage.channelIs(
    ref,
    'resting, without a pod',
    (channel) =>
      readyOf(channel)?.reason === 'Idle' &&
      channel.status?.relayStatus === 'stopped' &&
      channel.status.relay?.podName === undefined,
  );
/** The platform counts so many viewers. */
const watched = (id: string, viewers: number): void => {
  const stream = stage.origin.streams.get(id);
  if (stream !== undefined) stage.origin.streams.set(id, { ...stream, live: true, viewers });
};
const wake = (ref: Ref, value: string): Promise<unknown> =>
  stage.client.patchMerge(liveChannelType, ref, {
    metadata: { annotations: { [annotations.resume]: value } },
  });

test('without a host the relay rests and keeps the stream; it looks for the host, and goes on when it is back', async () => {
  const ref = await begin('no-host', { noHostSeconds: 2, hostProbeIntervalSeconds: 3 });
  const before = await stage.onAir(ref);
  stage.kubelet.say(ref, live({ videoOutput: 'held', host: null, message: 'The last picture is held.' }));
  await stage.event(ref, 'Normal', 'LastFrameHeld');
  stage.kubelet.say(ref, waitingForHost);
  await stage.event(ref, 'Normal', 'Idle', /no host for 2 s/);
  const rests = await resting(ref);
  expect(rests.status).toMatchObject({ streamId: before.status?.streamId, relay: { restarts: 0 } });
  expect(Date.parse(rests.status?.relay?.idleSince ?? '')).toBeGreaterThan(0);
  expect(stage.streamsOf(rests.metadata.uid)).toHaveLength(1);
  await stage.channelIs(
    ref,
    'a look',
    ({ status }) => status?.conditions?.some(({ reason }) => reason === 'Resuming') === true,
  );
  await resting(ref); // nobody was there
  stage.kubelet.say(ref, live());
  const after = await stage.onAir(ref);
  expect(after.status?.relay).toMatchObject({ restarts: 0 });
  expect(after.status?.relay).not.toHaveProperty('idleSince');
  await stage.event(ref, 'Normal', 'Resuming', /host is publishing again/);
}, 60_000);

test('the annotation wakes it at once, also after the operator was replaced meanwhile', async () => {
  const ref = await begin('woken', { noHostSeconds: 2, hostProbeIntervalSeconds: 0 });
  stage.kubelet.say(ref, waitingForHost);
  await resting(ref);
  await stage.stopOperator();
  stage.startOperator();
  stage.kubelet.say(ref, live());
  await wake(ref, 'the host went live');
  await stage.onAir(ref);
  await stage.event(ref, 'Normal', 'Resuming', /Annotation/);
}, 60_000);

test('without viewers the relay rests until it is woken', async () => {
  const ref = await begin('no-viewers', { noViewersSeconds: 3 });
  const { metadata } = await stage.onAir(ref);
  const [id = ''] = stage.streamsOf(metadata.uid);
  watched(id, 2);
  await eventually('the relay to be watched for longer than it may be unwatched', 20, async () => {
    const age = Date.now() - Date.parse((await stage.channel(ref))?.status?.relayStartedAt ?? '');
    return age > 6_000 ? true : undefined;
  });
  expect((await stage.channel(ref))?.status?.relayStatus).toBe('active');
  watched(id, 0);
  await stage.event(ref, 'Normal', 'Idle', /no viewers for 3 s/);
  await resting(ref);
  await wake(ref, 'a viewer came');
  await stage.onAir(ref);
}, 60_000);
