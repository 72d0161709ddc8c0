import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { LiveChannel } from '../../../src/api/live-channel.ts';
import { annotations } from '../../../src/api/names.ts';
import { OperatorStage, readyOf, type Ref } from '../../support/operator/operator-stage.ts';

const drainSeconds = 3;
let stage: OperatorStage;
let namespace: string;
beforeAll(async () => {
  stage = await OperatorStage.build();
  await stage.putPlatform('origin', { isDefault: true });
  namespace = await stage.namespace();
  stage.startOperator({ LIVECHANNEL_DRAIN_SECONDS: String(drainSeconds) });
}, 180_000);
afterAll(async () => {
  await stage[Symbol.asyncDispose]();
});

const annotateAll = (change: string): Promise<unknown> =>
  stage.kubectl(['-n', namespace, 'annotate', 'livechannels', '--all', '--overwrite', change]);
const modeIs = (ref: Ref, mode: string): Promise<LiveChannel> =>
  stage.channelIs(ref, `in mode ${mode}`, ({ status }) => status?.effectiveStreamMode === mode);

test('kubectl sends all viewers to Agora while HLS goes on, and back to the same address', async () => {
  const hybrid = { namespace, name: 'hybrid' };
  const onHls = { namespace, name: 'on-hls' };
  await stage.apply(hybrid, {});
  await stage.apply(onHls, { streamMode: 'hls-only' });
  const before = await stage.onAir(hybrid);
  await stage.onAir(onHls);

  await annotateAll(`${annotations.modeOverride}=agora-only`);
  for (const ref of [hybrid, onHls]) {
    const sent = await modeIs(ref, 'agora-only');
    expect(sent.status).toMatchObject({
      relayStatus: 'active',
      modeReason: expect.stringContaining(annotations.modeOverride),
    });
    expect(stage.kubelet.pushing(ref)).toHaveLength(1);
  }
  for (const ref of [hybrid, onHls])
    await stage.channelIs(
      ref,
      'without a relay',
      (channel) =>
        readyOf(channel)?.reason === 'ModeOverridden' && channel.status?.relay?.podName === undefined,
    );
  expect(stage.streamsOf(before.metadata.uid)).toEqual([before.status?.streamId]);

  await annotateAll(`${annotations.modeOverride}-`);
  // Viewers are not sent to a stream that has just started.
  const back = await Promise.all([stage.onAir(hybrid), stage.onAir(onHls)]);
  expect(back.map(({ status }) => status?.effectiveStreamMode)).toEqual(['agora-only', 'agora-only']);
  await modeIs(hybrid, 'hybrid');
  await modeIs(onHls, 'hls-only');
  expect((await stage.onAir(hybrid)).status).toMatchObject({
    hlsPlaybackUrl: before.status?.hlsPlaybackUrl,
    relay: { restarts: 0 },
  });
  const reported = (await stage.events(hybrid)).filter(({ reason }) => reason === 'ModeOverridden');
  expect(reported.map(({ type, count }) => [type, count])).toEqual([['Normal', 1]]);
}, 120_000);
