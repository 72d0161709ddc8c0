import { describe, expect, test } from '@jest/globals';
import type { LiveChannelStatus } from '../../../../src/api/live-channel.ts';
import { annotations } from '../../../../src/api/names.ts';
import { effectiveMode, modeReason, nextModeChange } from '../../../../src/channel/desired/stream-mode.ts';
import { describeChannel } from '../../../../src/channel/status/status.ts';
import {
  budgetAnnotation,
  modeAnnotation,
  type ModeDecision,
} from '../../../../src/api/annotations/cost-decisions.ts';
import { nextStep, type Step } from '../../../../src/channel/plan/next-step.ts';
import type { StreamState, Observed } from '../../../../src/channel/state.ts';
import { streamRecordAnnotations, type IdleRecord } from '../../../../src/api/annotations/stream-records.ts';
import {
  aBudgetChoice,
  aStream,
  aModeChoice,
  aRecord,
  aReport,
  anObserved,
  aStandby,
  at,
  later,
  now,
  policy,
} from '../../../support/channel/channel-examples.ts';
import type { BudgetAction } from '../../../../src/api/values.ts';

interface Difference {
  readonly mode?: Partial<ModeDecision>;
  /** What is done about a budget that is spent. */
  readonly spent?: BudgetAction;
  readonly spec?: object;
  readonly idle?: IdleRecord;
  readonly stream?: Partial<StreamState>;
  /** What the app was told last. */
  readonly told?: LiveChannelStatus['effectiveStreamMode'];
  readonly wake?: string;
}

function scene({ mode, spent, idle, stream = {}, told, wake, ...more }: Difference): Observed {
  const streams = [aStream({ record: idle === undefined ? aRecord() : aRecord({ idle: idle }), ...stream })];
  const records = streams.map(({ record }) => record);
  const budget =
    spent === undefined ? {} : { budget: { usd: '12', per: 'month', actionAt100Percent: spent } };
  const noted = {
    ...streamRecordAnnotations('channel-uid', records),
    ...(mode === undefined ? {} : modeAnnotation(aModeChoice(mode))),
    ...(spent === undefined ? {} : budgetAnnotation(aBudgetChoice({ level: 'spent', action: spent }))),
    ...(wake === undefined ? {} : { [annotations.resume]: wake }),
  };
  const status = told === undefined ? {} : { status: { effectiveStreamMode: told } };
  const spec = { streamMode: 'auto', ...budget, ...more.spec };
  return anObserved({ streams, channel: { spec, ...status, metadata: { annotations: noted } } });
}

const gone = { pod: undefined, report: undefined } as const;
const draining: IdleRecord = { since: at(0), why: 'agora', drainUntil: at(30) };
const idling: IdleRecord = { since: at(0), why: 'agora' };
const onAgora = { told: 'agora-only' } as const;
const toHls: Partial<ModeDecision> = { mode: 'hybrid', reason: 'CheaperOnHls', message: 'HLS is cheaper' };

const stepOf = (difference: Difference, time = now): Step => nextStep(scene(difference), policy, time);
const idleAfter = (difference: Difference, time = now): IdleRecord | undefined | 'unchanged' => {
  const step = stepOf(difference, time);
  return step.do === 'record' ? step.records[0]?.idle : 'unchanged';
};
const statusOf = (difference: Difference, time = now): LiveChannelStatus =>
  describeChannel(scene(difference), 'PodDeleted', time);
const ready = ({ conditions }: LiveChannelStatus): string => {
  const found = conditions?.find(({ type }) => type === 'Ready');
  return `${String(found?.status)} ${String(found?.reason)}`;
};

describe('on the way to Agora', () => {
  test('nothing happens before its time', () => {
    const soon: Difference = { mode: { at: at(20) } };
    expect(stepOf(soon)).toEqual({ do: 'none' });
    expect(statusOf(soon)).toMatchObject({ effectiveStreamMode: 'hybrid', relayStatus: 'active' });
    expect(nextModeChange(scene(soon).channel, true, now)).toEqual(later(20));
  });

  test('the app is told first, with the relay on air', () => {
    expect(stepOf({ mode: {} })).toEqual({ do: 'none' });
    const told = statusOf({ mode: {} });
    expect(told).toMatchObject({
      effectiveStreamMode: 'agora-only',
      modeReason: aModeChoice().message,
      relayStatus: 'active',
    });
    expect(ready(told)).toBe('True Live');
    expect(nextModeChange(scene({ mode: {} }).channel, true, now)).toEqual(now);
  });

  test('the drain counts from when the status was seen to say so, and is announced once', () => {
    expect(stepOf({ mode: {}, ...onAgora }, later(60))).toMatchObject({
      do: 'record',
      records: [{ idle: { since: at(60), why: 'agora', drainUntil: at(90) } }],
      event: { type: 'Normal', reason: 'CheaperOnAgora', message: aModeChoice().message },
    });
    expect(stepOf({ mode: {}, ...onAgora, idle: draining }, later(29))).toEqual({ do: 'none' });
    expect(nextModeChange(scene({ mode: {}, idle: draining }).channel, true, now)).toEqual(later(30));
    const over = stepOf({ mode: {}, ...onAgora, idle: draining }, later(30));
    expect(over).toMatchObject({ do: 'record', records: [{ idle: idling }] });
    expect(over).not.toHaveProperty('news');
  });

  test('then the relay goes, and the stream and its address stay', () => {
    expect(stepOf({ mode: {}, ...onAgora, idle: idling })).toMatchObject({
      do: 'delete-pod',
      reason: 'RelayStopped',
      message: aModeChoice().message,
    });
    expect(stepOf({ mode: {}, ...onAgora, idle: idling, stream: gone })).toEqual({ do: 'none' });
    const off = statusOf({ mode: {}, ...onAgora, idle: idling, stream: gone });
    expect(off).toMatchObject({
      relayStatus: 'stopped',
      effectiveStreamMode: 'agora-only',
      hlsPlaybackUrl: expect.any(String) as unknown,
    });
    expect(ready(off)).toBe('False CheaperOnAgora');
    expect(off.relay).not.toHaveProperty('idleSince');
  });

  test('where there is no relay there is nobody to wait for', () => {
    expect(idleAfter({ mode: {}, stream: gone })).toEqual(idling);
  });

  test.each([
    ['is not on air yet', aReport({ state: 'joining' })],
    ['says nothing', undefined],
  ])('a relay that %s may be on air in a moment: viewers have their time', (_name, report) => {
    expect(idleAfter({ mode: {}, stream: { report } })).toBe('unchanged');
    expect(idleAfter({ mode: {}, ...onAgora, stream: { report } })).toEqual({
      ...idling,
      drainUntil: at(30),
    });
  });

  test('a rest for want of a host or viewers becomes one for this, and waking does not end it', () => {
    const idle: IdleRecord = { since: at(-60), why: 'no-host', resume: 'before' };
    expect(idleAfter({ mode: {}, idle: idle, stream: gone })).toEqual(idling);
    expect(idleAfter({ mode: {}, ...onAgora, idle: idling, stream: gone, wake: 'now' })).toBe('unchanged');
  });

  test('a standby stays for as long as viewers are there', () => {
    const pair = { ...aRecord({ idle: draining }), standby: { slot: 1 as const, since: at(-60) } };
    const both = { spec: { relay: { replicas: 2 } }, stream: { record: pair, standby: aStandby() } };
    expect(stepOf({ mode: {}, ...onAgora, ...both }, later(10))).toEqual({ do: 'none' });
  });
});

describe('on the way back', () => {
  const back: Difference = { mode: toHls, ...onAgora };
  test('the relay starts at once, and that is announced', () => {
    expect(stepOf({ ...back, idle: idling, stream: gone })).toMatchObject({
      do: 'record',
      records: [aRecord()],
      event: { type: 'Normal', reason: 'CheaperOnHls', message: 'HLS is cheaper' },
    });
    expect(stepOf({ ...back, stream: gone })).toMatchObject({ do: 'create-pod' });
  });

  test('also in the middle of the drain', () => {
    expect(idleAfter({ ...back, idle: draining })).toBeUndefined();
  });

  test('viewers are sent when it has been on air for ten seconds', () => {
    const { channel } = scene(back);
    expect(effectiveMode(channel, undefined, now)).toBe('agora-only');
    expect(effectiveMode(channel, later(-9), now)).toBe('agora-only');
    expect(effectiveMode(channel, later(-10), now)).toBe('hybrid');
    expect(statusOf({ ...back, stream: gone })).toMatchObject({
      effectiveStreamMode: 'agora-only',
      modeReason: 'HLS is cheaper',
    });
    const started = { ...channel, status: { ...channel.status, relayStartedAt: at(-4) } };
    expect(nextModeChange(started, true, now)).toEqual(later(6));
    expect(nextModeChange(started, true, later(7))).toBeUndefined();
  });

  test('a spec that asks for hybrid brings the relay back, without reference to costs', () => {
    const difference: Difference = { mode: {}, idle: idling, stream: gone, spec: { streamMode: 'hybrid' } };
    expect(stepOf(difference)).toMatchObject({ do: 'record', event: { reason: 'Resuming' } });
    expect(statusOf(difference)).not.toHaveProperty('modeReason');
  });

  test('many viewers on Agora wake a relay that rests because nobody watched', () => {
    const unwatched: IdleRecord = { since: at(-60), why: 'no-viewers' };
    const idle = { relay: { idle: { noViewersSeconds: 60 } } };
    const since = (seconds: number): Difference => ({
      mode: { ...toHls, decidedAt: at(seconds) },
      idle: unwatched,
      stream: gone,
      spec: idle,
    });
    expect(idleAfter(since(-61))).toBe('unchanged');
    expect(idleAfter(since(-59))).toBeUndefined();
  });
});

describe('what is not decided', () => {
  test('is hybrid, and the status says so', () => {
    expect(stepOf({})).toEqual({ do: 'none' });
    expect(statusOf({})).toMatchObject({
      effectiveStreamMode: 'hybrid',
      modeReason: expect.stringContaining('DATABASE_URL') as unknown,
    });
  });

  test.each(['hybrid', 'hls-only'])('is not for streamMode %s', (streamMode) => {
    const told = statusOf({ mode: {}, spec: { streamMode } });
    expect(told).toMatchObject({ effectiveStreamMode: streamMode });
    expect(modeReason(scene({ mode: {}, spec: { streamMode } }).channel)).toBeUndefined();
  });

  test('has no turn: not without a stream, nor while the channel is suspended', () => {
    const { channel } = scene({ mode: {} });
    expect(nextModeChange(channel, false, now)).toBeUndefined();
    expect(nextModeChange(anObserved({ streams: [] }).channel, true, now)).toBeUndefined();
    expect(nextModeChange(scene({ mode: {}, idle: idling }).channel, true, now)).toBeUndefined();
  });
});

describe('a budget that is spent', () => {
  const hybrid = { spec: { streamMode: 'hybrid' } };
  test('sends viewers to Agora: told first, drained, and not announced twice', () => {
    const difference: Difference = { spent: 'agora-only', ...hybrid };
    expect(stepOf(difference)).toEqual({ do: 'none' });
    expect(statusOf(difference)).toMatchObject({
      effectiveStreamMode: 'agora-only',
      modeReason: aBudgetChoice().message,
      relayStatus: 'active',
    });
    const drain = stepOf({ ...difference, ...onAgora });
    expect(drain).toMatchObject({ do: 'record', records: [{ idle: draining }] });
    expect(drain).not.toHaveProperty('news');
    expect(ready(statusOf({ ...difference, ...onAgora, idle: idling, stream: gone }))).toBe(
      'False BudgetSpent',
    );
  });

  test('is stricter than what is cheaper', () => {
    expect(statusOf({ spent: 'agora-only', mode: toHls })).toMatchObject({
      effectiveStreamMode: 'agora-only',
      modeReason: aBudgetChoice().message,
    });
  });

  test('stops the relay as suspend does, and Ready says why', () => {
    const difference: Difference = { spent: 'stop', ...hybrid };
    expect(stepOf(difference)).toMatchObject({ do: 'delete-pod', message: aBudgetChoice().message });
    expect(stepOf({ ...difference, stream: gone })).toEqual({ do: 'none' });
    const off = statusOf({ ...difference, stream: gone });
    expect(off).toMatchObject({ relayStatus: 'stopped', hlsPlaybackUrl: expect.any(String) as unknown });
    expect(ready(off)).toBe('False BudgetSpent');
  });

  test.each<BudgetAction>(['alert', 'lower-cap', 'switch-platform'])(
    'leaves the relay where it is to %s',
    (spent) => {
      const told = statusOf({ spent, ...hybrid });
      expect(told).toMatchObject({ effectiveStreamMode: 'hybrid', relayStatus: 'active' });
      expect(told).not.toHaveProperty('modeReason');
      expect(stepOf({ spent, ...hybrid })).toEqual({ do: 'none' });
    },
  );
});
