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
import type { IdleRecord } from '../../../../src/api/stream-records.ts';
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
  /** The action for a spent budget. */
  readonly spent?: BudgetAction;
  readonly spec?: object;
  readonly idle?: IdleRecord;
  readonly stream?: Partial<StreamState>;
  /** The mode that the status shows to the app. */
  readonly statusMode?: LiveChannelStatus['effectiveStreamMode'];
  readonly resume?: string;
  readonly override?: string;
}

function scene({
  mode,
  spent,
  idle,
  stream = {},
  statusMode,
  resume,
  override,
  ...more
}: Difference): Observed {
  const streams = [aStream({ record: idle === undefined ? aRecord() : aRecord({ idle: idle }), ...stream })];
  const budget =
    spent === undefined ? {} : { budget: { usd: '12', per: 'month', actionAt100Percent: spent } };
  const noted = {
    ...(mode === undefined ? {} : modeAnnotation(aModeChoice(mode))),
    ...(spent === undefined ? {} : budgetAnnotation(aBudgetChoice({ level: 'spent', action: spent }))),
    ...(resume === undefined ? {} : { [annotations.resume]: resume }),
    ...(override === undefined ? {} : { [annotations.modeOverride]: override }),
  };
  const status = statusMode === undefined ? {} : { status: { effectiveStreamMode: statusMode } };
  const spec = { streamMode: 'auto', ...budget, ...more.spec };
  return anObserved({ streams, channel: { spec, ...status, metadata: { annotations: noted } } });
}

const gone = { pod: undefined, report: undefined } as const;
const draining: IdleRecord = { since: at(0), why: 'agora', drainUntil: at(30) };
const idling: IdleRecord = { since: at(0), why: 'agora' };
const onAgora = { statusMode: 'agora-only' } as const;
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

describe('changing to agora-only', () => {
  test('does nothing before the announced time', () => {
    const soon: Difference = { mode: { at: at(20) } };
    expect(stepOf(soon)).toEqual({ do: 'none' });
    expect(statusOf(soon)).toMatchObject({ effectiveStreamMode: 'hybrid', relayStatus: 'active' });
    expect(nextModeChange(scene(soon).channel, true, now)).toEqual(later(20));
  });

  test('first changes the status, while the relay is on air', () => {
    expect(stepOf({ mode: {} })).toEqual({ do: 'none' });
    const status = statusOf({ mode: {} });
    expect(status).toMatchObject({
      effectiveStreamMode: 'agora-only',
      modeReason: aModeChoice().message,
      relayStatus: 'active',
    });
    expect(ready(status)).toBe('True Live');
    expect(nextModeChange(scene({ mode: {} }).channel, true, now)).toEqual(now);
  });

  test('starts the drain when the status is seen, and emits one event', () => {
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

  test('then deletes the pod, and keeps the stream and its URL', () => {
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

  test('does not drain without a relay', () => {
    expect(idleAfter({ mode: {}, stream: gone })).toEqual(idling);
  });

  test.each([
    ['is not on air yet', aReport({ state: 'joining' })],
    ['does not report', undefined],
  ])('drains also if the relay %s, because it may be on air soon', (_name, report) => {
    expect(idleAfter({ mode: {}, stream: { report } })).toBe('unchanged');
    expect(idleAfter({ mode: {}, ...onAgora, stream: { report } })).toEqual({
      ...idling,
      drainUntil: at(30),
    });
  });

  test('replaces idling because of no host or viewers, and resuming does not end it', () => {
    const idle: IdleRecord = { since: at(-60), why: 'no-host', resume: 'before' };
    expect(idleAfter({ mode: {}, idle: idle, stream: gone })).toEqual(idling);
    expect(idleAfter({ mode: {}, ...onAgora, idle: idling, stream: gone, resume: 'now' })).toBe('unchanged');
  });

  test('keeps a standby while viewers may be there', () => {
    const pair = { ...aRecord({ idle: draining }), standby: { slot: 1 as const, since: at(-60) } };
    const both = { spec: { relay: { replicas: 2 } }, stream: { record: pair, standby: aStandby() } };
    expect(stepOf({ mode: {}, ...onAgora, ...both }, later(10))).toEqual({ do: 'none' });
  });
});

describe('changing back to hybrid', () => {
  const back: Difference = { mode: toHls, ...onAgora };
  test('starts the relay at once and emits an event', () => {
    expect(stepOf({ ...back, idle: idling, stream: gone })).toMatchObject({
      do: 'record',
      records: [aRecord()],
      event: { type: 'Normal', reason: 'CheaperOnHls', message: 'HLS is cheaper' },
    });
    expect(stepOf({ ...back, stream: gone })).toMatchObject({ do: 'create-pod' });
  });

  test('also works in the middle of the drain', () => {
    expect(idleAfter({ ...back, idle: draining })).toBeUndefined();
  });

  test('sends viewers to HLS after ten seconds on air', () => {
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

  test('resumes the relay when the spec requires hybrid, without mentioning costs', () => {
    const difference: Difference = { mode: {}, idle: idling, stream: gone, spec: { streamMode: 'hybrid' } };
    expect(stepOf(difference)).toMatchObject({ do: 'record', event: { reason: 'Resuming' } });
    expect(statusOf(difference)).not.toHaveProperty('modeReason');
  });

  test('resumes an idle relay without viewers when many viewers are on Agora', () => {
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

describe('without a mode decision', () => {
  test('the mode is hybrid, also in the status', () => {
    expect(stepOf({})).toEqual({ do: 'none' });
    expect(statusOf({})).toMatchObject({
      effectiveStreamMode: 'hybrid',
      modeReason: expect.stringContaining('DATABASE_URL') as unknown,
    });
  });

  test.each(['hybrid', 'hls-only'])('streamMode %s ignores decisions', (streamMode) => {
    const status = statusOf({ mode: {}, spec: { streamMode } });
    expect(status).toMatchObject({ effectiveStreamMode: streamMode });
    expect(modeReason(scene({ mode: {}, spec: { streamMode } }).channel)).toBeUndefined();
  });

  test('nothing changes without a stream or while the channel is suspended', () => {
    const { channel } = scene({ mode: {} });
    expect(nextModeChange(channel, false, now)).toBeUndefined();
    expect(nextModeChange(anObserved({ streams: [] }).channel, true, now)).toBeUndefined();
    expect(nextModeChange(scene({ mode: {}, idle: idling }).channel, true, now)).toBeUndefined();
  });
});

describe('a spent budget', () => {
  const hybrid = { spec: { streamMode: 'hybrid' } };
  test('sends viewers to Agora: status first, then the drain, with one event', () => {
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

  test('takes precedence over the cheaper mode', () => {
    expect(statusOf({ spent: 'agora-only', mode: toHls })).toMatchObject({
      effectiveStreamMode: 'agora-only',
      modeReason: aBudgetChoice().message,
    });
  });

  test('stops the relay like suspend, with the reason in Ready', () => {
    const difference: Difference = { spent: 'stop', ...hybrid };
    expect(stepOf(difference)).toMatchObject({ do: 'delete-pod', message: aBudgetChoice().message });
    expect(stepOf({ ...difference, stream: gone })).toEqual({ do: 'none' });
    const off = statusOf({ ...difference, stream: gone });
    expect(off).toMatchObject({ relayStatus: 'stopped', hlsPlaybackUrl: expect.any(String) as unknown });
    expect(ready(off)).toBe('False BudgetSpent');
  });

  test.each<BudgetAction>(['alert', 'lower-cap', 'switch-platform'])(
    'leaves the relay unchanged for the action %s',
    (spent) => {
      const status = statusOf({ spent, ...hybrid });
      expect(status).toMatchObject({ effectiveStreamMode: 'hybrid', relayStatus: 'active' });
      expect(status).not.toHaveProperty('modeReason');
      expect(stepOf({ spent, ...hybrid })).toEqual({ do: 'none' });
    },
  );
});

describe('the override by annotation', () => {
  const modes = ['hybrid', 'hls-only', 'auto'] as const;
  const override = { override: 'agora-only' } as const;

  test.each(modes)('sends viewers of a %s channel to Agora while HLS goes on', (streamMode) => {
    const difference: Difference = { ...override, spec: { streamMode } };
    expect(stepOf(difference)).toEqual({ do: 'none' });
    const status = statusOf(difference);
    expect(status).toMatchObject({
      effectiveStreamMode: 'agora-only',
      modeReason: expect.stringContaining('livechannel.dev/mode-override') as unknown,
      relayStatus: 'active',
    });
    expect(ready(status)).toBe('True Live');
    expect(stepOf({ ...difference, ...onAgora })).toMatchObject({
      do: 'record',
      records: [{ idle: draining }],
      event: { type: 'Normal', reason: 'ModeOverridden' },
    });
  });

  test.each(modes)('then stops the relay of a %s channel, and keeps its stream', (streamMode) => {
    const difference: Difference = { ...override, ...onAgora, idle: idling, spec: { streamMode } };
    expect(stepOf(difference)).toMatchObject({ do: 'delete-pod', reason: 'RelayStopped' });
    const off = statusOf({ ...difference, stream: gone });
    expect(ready(off)).toBe('False ModeOverridden');
    expect(off).toMatchObject({ hlsPlaybackUrl: expect.any(String) as unknown });
  });

  test.each(modes)(
    'after its end, viewers of a %s channel return when the stream is stable',
    (streamMode) => {
      const back: Difference = { ...onAgora, spec: { streamMode } };
      expect(stepOf({ ...back, idle: idling, stream: gone })).toMatchObject({
        do: 'record',
        records: [aRecord()],
        event: { reason: 'Resuming' },
      });
      const { channel } = scene(back);
      expect(effectiveMode(channel, undefined, now)).toBe('agora-only');
      expect(effectiveMode(channel, later(-9), now)).toBe('agora-only');
      expect(effectiveMode(channel, later(-10), now)).toBe(streamMode === 'auto' ? 'hybrid' : streamMode);
    },
  );

  test('with another value has no effect, and takes precedence over decisions of costs', () => {
    expect(statusOf({ override: 'hybrid', spec: { streamMode: 'hls-only' } })).toMatchObject({
      effectiveStreamMode: 'hls-only',
    });
    expect(statusOf({ ...override, mode: toHls, spent: 'lower-cap' })).toMatchObject({
      effectiveStreamMode: 'agora-only',
    });
  });

  test('leaves a channel alone that is on Agora only, or suspended', () => {
    const onAgoraOnly = statusOf({ ...override, spec: { streamMode: 'agora-only' }, stream: gone });
    expect(onAgoraOnly).not.toHaveProperty('modeReason');
    const suspended = { ...override, spec: { streamMode: 'hybrid', suspend: true } };
    expect(stepOf(suspended)).toMatchObject({ do: 'delete-pod', reason: 'Suspended' });
  });
});
