import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { LiveChannel } from '../../../src/api/live-channel.ts';
import { annotations } from '../../../src/api/names.ts';
import { modeAnnotation, type ModeDecision } from '../../../src/api/annotations/cost-decisions.ts';
import { liveChannelType } from '../../../src/api/kinds.ts';
import { readyOf, OperatorStage, type Ref } from '../../support/operator/operator-stage.ts';

const drainMs = 3_000;
let stage: OperatorStage;
let namespace: string;
beforeAll(async () => {
  stage = await OperatorStage.build();
  await stage.putPlatform('origin', { isDefault: true });
  namespace = await stage.namespace();
  stage.startOperator({ LIVECHANNEL_DRAIN_SECONDS: String(drainMs / 1_000) });
}, 180_000);
afterAll(async () => {
  await stage[Symbol.asyncDispose]();
});

const begin = async (name: string): Promise<{ ref: Ref; channel: LiveChannel }> => {
  const ref = { namespace, name };
  await stage.apply(ref, { streamMode: 'auto' });
  return { ref, channel: await stage.onAir(ref) };
};
const messages = {
  'agora-only': '3 viewers cost $0.72/h on Agora, $0.91/h on origin',
  hybrid: '42 viewers cost $10.05/h on Agora, $5.34/h on origin',
} as const;
/** As the recorder writes it. */
const decide = async (
  { metadata }: LiveChannel,
  mode: ModeDecision['mode'],
  { graceMs = 0, uid = metadata.uid }: { graceMs?: number; uid?: string } = {},
): Promise<void> => {
  const now = Date.now();
  const reason = mode === 'hybrid' ? 'CheaperOnHls' : 'CheaperOnAgora';
  const [decidedAt, at] = [new Date(now).toISOString(), new Date(now + graceMs).toISOString()];
  const choice = { channel: uid, mode, decidedAt, at, reason, message: messages[mode] } as const;
  await stage.client.patchMerge(liveChannelType, metadata, {
    metadata: { annotations: modeAnnotation(choice) },
  });
};
const modeIs = (ref: Ref, mode: string): Promise<LiveChannel> =>
  stage.channelIs(ref, `in mode ${mode}`, ({ status }) => status?.effectiveStreamMode === mode);
const withoutRelay = (ref: Ref): Promise<LiveChannel> =>
  stage.channelIs(
    ref,
    'on Agora alone, without a relay',
    (channel) =>
      readyOf(channel)?.reason === 'CheaperOnAgora' &&
      channel.status?.relayStatus === 'stopped' &&
      channel.status.relay?.podName === undefined,
  );

test('viewers are told of Agora before the relay goes, and find the stream under the same address when they come back', async () => {
  const { ref, channel } = await begin('show');
  expect(channel.status?.effectiveStreamMode).toBe('hybrid');

  await decide(channel, 'agora-only', { graceMs: 1_000 });
  const told = await modeIs(ref, 'agora-only');
  const toldAt = performance.now();
  expect(told.status).toMatchObject({ relayStatus: 'active', modeReason: messages['agora-only'] });
  expect(stage.kubelet.pushing(ref)).toHaveLength(1);

  const off = await withoutRelay(ref);
  // What the status says may be read a little later than it was written.
  expect(performance.now() - toldAt).toBeGreaterThan(drainMs - 1_000);
  expect(await stage.pod(ref)).toBeUndefined();
  expect(off.status).toMatchObject({
    hlsPlaybackUrl: channel.status?.hlsPlaybackUrl,
    relay: { restarts: 0 },
  });
  expect(stage.streamsOf(channel.metadata.uid)).toEqual([channel.status?.streamId]);

  await decide(channel, 'hybrid');
  const live = await stage.onAir(ref);
  // Nobody is sent to a stream that has only just begun.
  expect(live.status).toMatchObject({ effectiveStreamMode: 'agora-only', modeReason: messages.hybrid });
  const back = await modeIs(ref, 'hybrid');
  expect(back.status).toMatchObject({
    relayStatus: 'active',
    hlsPlaybackUrl: channel.status?.hlsPlaybackUrl,
    relay: { restarts: 0 },
  });

  const said = (await stage.events(ref)).filter(({ reason }) => reason.startsWith('CheaperOn'));
  expect(said.map(({ type, reason, message, count }) => [type, reason, message, count])).toEqual([
    ['Normal', 'CheaperOnAgora', messages['agora-only'], 1],
    ['Normal', 'CheaperOnHls', messages.hybrid, 1],
  ]);
}, 90_000);

test('an operator that comes later tells first, too', async () => {
  const { ref, channel } = await begin('later');
  await stage.stopOperator();
  await decide(channel, 'agora-only');
  stage.startOperator({ LIVECHANNEL_DRAIN_SECONDS: String(drainMs / 1_000) });
  const told = await modeIs(ref, 'agora-only');
  expect(told.status?.relayStatus).toBe('active');
  expect(stage.kubelet.pushing(ref)).toHaveLength(1);
  await withoutRelay(ref);
}, 60_000);

test('what is no decision, or that of another channel, changes nothing', async () => {
  const { ref, channel } = await begin('foreign');
  await decide(channel, 'agora-only', { uid: 'another' });
  const { metadata } = channel;
  await stage.client.patchMerge(liveChannelType, metadata, {
    metadata: { annotations: { [annotations.budget]: 'stop!', touched: 'yes' } },
  });
  // It has been looked at when what came with it has been acted on.
  await stage.apply(ref, { streamMode: 'auto', deletionPolicy: 'Retain' });
  const seen = await stage.channelIs(
    ref,
    'looked at',
    ({ metadata: { generation }, status }) => status?.observedGeneration === generation && generation === 2,
  );
  expect(seen.status).toMatchObject({ effectiveStreamMode: 'hybrid', relayStatus: 'active' });
}, 60_000);
