import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { LiveChannel } from '../../../src/api/live-channel.ts';
import { relayConfigSchema } from '../../../src/api/relay-contract.ts';
import { budgetAnnotation, type BudgetDecision } from '../../../src/api/annotations/cost-decisions.ts';
import { streamRecords } from '../../../src/api/stream-records.ts';
import { liveChannelType } from '../../../src/api/kinds.ts';
import { readyOf, OperatorStage, type Ref } from '../../support/operator/operator-stage.ts';
import { eventually } from '../../support/wait/eventually.ts';

let stage: OperatorStage;
let namespace: string;
beforeAll(async () => {
  stage = await OperatorStage.build();
  await stage.putPlatform('origin', { isDefault: true });
  await stage.putPlatform('cheaper');
  namespace = await stage.namespace();
  stage.startOperator();
}, 180_000);
afterAll(async () => {
  await stage[Symbol.asyncDispose]();
});

type Action = BudgetDecision['action'];
const begin = async (
  name: string,
  action: Action,
  spec: object = {},
): Promise<{ ref: Ref; channel: LiveChannel }> => {
  const ref = { namespace, name };
  await stage.apply(ref, { budget: { usd: '12', per: 'month', actionAt100Percent: action }, ...spec });
  return { ref, channel: await stage.onAir(ref) };
};
const messages = { spent: '$12.10 of $12 has been spent.', ok: '$0.10 of $12 has been spent.' } as const;
/** As the recorder writes it. */
const writeDecision = async (
  { metadata }: LiveChannel,
  level: 'ok' | 'spent',
  action: Action,
  platform = 'cheaper',
): Promise<void> => {
  const choice: BudgetDecision = {
    ...{ channel: metadata.uid, level, action, period: level === 'ok' ? '2026-12' : '2026-11' },
    ...{ since: new Date().toISOString(), spentUsd: '12.10', limitUsd: '12', message: messages[level] },
    ...(action === 'switch-platform' ? { platform } : {}),
  };
  await stage.client.patchMerge(liveChannelType, metadata, {
    metadata: { annotations: budgetAnnotation(choice) },
  });
};
const spend = (channel: LiveChannel, action: Action): Promise<void> =>
  writeDecision(channel, 'spent', action);
const lift = (channel: LiveChannel): Promise<void> => writeDecision(channel, 'ok', 'none');
const within = (channel: LiveChannel): string => {
  const found = channel.status?.conditions?.find(({ type }) => type === 'WithinBudget');
  return `${String(found?.status)} ${String(found?.reason)}`;
};
const withinIs = (ref: Ref, expected: string): Promise<LiveChannel> =>
  stage.channelIs(ref, `within budget: ${expected}`, (channel) => within(channel) === expected);
const activeOn = (ref: Ref, platform: string): Promise<LiveChannel> =>
  stage.channelIs(
    ref,
    `on ${platform} alone`,
    (channel) =>
      channel.status?.streamingPlatform === platform &&
      channel.status.relayStatus === 'active' &&
      streamRecords(channel).length === 1,
  );
/** Waits until the active relay has this limit and the previous one is gone. */
const capIs = (ref: Ref, height: number): Promise<LiveChannel> =>
  stage.channelIs(ref, `on air with ${String(height)}p`, (channel) => {
    const [record] = streamRecords(channel);
    return (
      channel.status?.relayStatus === 'active' &&
      record?.standby === undefined &&
      stage.kubelet.pushing(ref).join() === `${ref.name}-relay-${String(record?.slot)}` &&
      caps.get(`${ref.name}/${String(record?.slot)}`) === height
    );
  });
/** The limit in each Secret, by channel and slot. */
const caps = new Map<string, number>();
const readCaps = async (ref: Ref): Promise<void> => {
  for (const slot of [0, 1]) {
    const json = (await stage.secret(ref, slot))?.data?.['relay.json'];
    const key = `${ref.name}/${String(slot)}`;
    if (json === undefined) caps.delete(key);
    else
      caps.set(
        key,
        relayConfigSchema.parse(JSON.parse(Buffer.from(json, 'base64').toString())).media.maxHeight,
      );
  }
};

test('an alert is reported and has no other effect', async () => {
  const { ref, channel } = await begin('alert', 'alert');
  await spend(channel, 'alert');
  const reported = await withinIs(ref, 'False BudgetSpent');
  expect(reported.status).toMatchObject({ relayStatus: 'active', effectiveStreamMode: 'hybrid' });
  await stage.event(ref, 'Warning', 'BudgetSpent', /12\.10/);
  await lift(channel);
  await withinIs(ref, 'True WithinBudget');
  await stage.event(ref, 'Normal', 'WithinBudget', /0\.10/);
}, 60_000);

test('a resolution limit is applied by a failover to another relay, and a new period removes it', async () => {
  const { ref, channel } = await begin('cap', 'lower-cap');
  const states: string[] = [];
  const watch = setInterval(() => {
    void readCaps(ref).catch(() => undefined);
    void stage.channel(ref).then(
      (each) =>
        states.push(`${String(each?.status?.relayStatus)} ${String(readyOf(each ?? channel)?.status)}`),
      () => undefined,
    );
  }, 100);
  try {
    await spend(channel, 'lower-cap');
    // The Secret changes before the relay: only the failover proves that the new limit is in use.
    await stage.event(ref, 'Normal', 'FailedOver', /failed over to cap-relay-1 \(SpecChanged\)/);
    const lowered = await capIs(ref, 720);
    expect(lowered.status?.relay?.restarts).toBeLessThanOrEqual(1);
    await lift(channel);
    await stage.event(ref, 'Normal', 'FailedOver', /failed over to cap-relay-0 \(SpecChanged\)/);
    await capIs(ref, 1_080);
  } finally {
    clearInterval(watch);
  }
  // Viewers never lost the stream for longer than a failover.
  expect(new Set(states)).toEqual(new Set(['active True']));
}, 90_000);

test('the channel migrates to another platform without interruption, and a new period brings it back', async () => {
  const { ref, channel } = await begin('switch', 'switch-platform');
  await spend(channel, 'switch-platform');
  const moved = await activeOn(ref, 'cheaper');
  expect(moved.status?.relayStartedAt).toBe(channel.status?.relayStartedAt);
  expect(stage.streamsOf(channel.metadata.uid)).toEqual([moved.status?.streamId]);
  await stage.event(ref, 'Normal', 'Migrated', /platform cheaper/);
  await lift(channel);
  const home = await activeOn(ref, 'origin');
  expect(streamRecords(home)[0]).not.toHaveProperty('sentFrom');
  expect(stage.streamsOf(channel.metadata.uid)).toEqual([home.status?.streamId]);
}, 90_000);

test('the channel does not migrate to a missing platform', async () => {
  const { ref, channel } = await begin('nowhere', 'switch-platform');
  await writeDecision(channel, 'spent', 'switch-platform', 'no-such-platform');
  const reported = await withinIs(ref, 'False BudgetSpent');
  expect(readyOf(reported)).toMatchObject({ status: 'True', reason: 'Live' });
  expect(streamRecords(reported)).toMatchObject([{ role: 'active', platform: 'origin' }]);
}, 60_000);

test('viewers are sent to Agora before the relay is removed', async () => {
  const { ref, channel } = await begin('agora', 'agora-only');
  await spend(channel, 'agora-only');
  const reported = await stage.channelIs(
    ref,
    'on Agora',
    ({ status }) => status?.effectiveStreamMode === 'agora-only',
  );
  expect(reported.status).toMatchObject({ relayStatus: 'active', modeReason: messages.spent });
  await stage.notReady(ref, 'BudgetSpent');
  expect(stage.streamsOf(channel.metadata.uid)).toEqual([channel.status?.streamId]);
  await lift(channel);
  await stage.onAir(ref);
}, 60_000);

test('stop ends the relay and keeps the stream, and a new period resumes the relay', async () => {
  const { ref, channel } = await begin('stop', 'stop');
  await spend(channel, 'stop');
  const off = await stage.notReady(ref, 'BudgetSpent');
  expect(off.status).toMatchObject({
    relayStatus: 'stopped',
    hlsPlaybackUrl: channel.status?.hlsPlaybackUrl,
    modeReason: messages.spent,
  });
  await eventually('no relay pod', 20, async () => ((await stage.pod(ref)) === undefined ? true : undefined));
  await lift(channel);
  const back = await stage.onAir(ref);
  expect(back.status).toMatchObject({ streamId: channel.status?.streamId, relay: { restarts: 0 } });
}, 60_000);
