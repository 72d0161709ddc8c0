import { describe, expect, test } from '@jest/globals';
import type { LiveChannel, LiveChannelStatus } from '../../../../src/api/live-channel.ts';
import { annotations } from '../../../../src/api/names.ts';
import { describeChannel } from '../../../../src/channel/status/status.ts';
import { nextStep } from '../../../../src/channel/plan/next-step.ts';
import type { StreamState, Observed } from '../../../../src/channel/state.ts';
import { streamRecordAnnotations, type IdleRecord } from '../../../../src/api/annotations/stream-records.ts';
import { nextHostProbe, nextIdle } from '../../../../src/channel/desired/idle.ts';
import {
  aLane,
  aNextLane,
  aRecord,
  aReport,
  aScene,
  at,
  bare,
  later,
  now,
  policy,
  waitingForHost,
} from '../examples.ts';

const idle = (difference: object): object => ({ relay: { idle: difference } });
const noHost = idle({ noHostSeconds: 60 });
const noViewers = idle({ noViewersSeconds: 60 });

/** A status that says since when there is no host, or since when the channel is on air. */
const status = ({ hostGone, startedAt }: { hostGone?: number; startedAt?: number }): LiveChannelStatus => ({
  ...(startedAt === undefined ? {} : { relayStartedAt: at(startedAt) }),
  conditions: [
    {
      type: 'HostPresent',
      status: hostGone === undefined ? 'True' : 'False',
      reason: 'Test',
      message: '',
      observedGeneration: 1,
      lastTransitionTime: at(hostGone ?? -600),
    },
  ],
});

interface Difference {
  readonly lane?: Partial<StreamState>;
  readonly rest?: IdleRecord;
  readonly spec?: object;
  readonly status?: LiveChannelStatus;
  readonly wake?: string;
  readonly others?: readonly StreamState[];
}

function scene({ lane = {}, rest, spec = noHost, wake, others = [], ...more }: Difference): Observed {
  const record = rest === undefined ? aRecord() : aRecord({ idle: rest });
  const lanes = [aLane({ record, ...lane }), ...others];
  const noted = streamRecordAnnotations(
    'channel-uid',
    lanes.map((each) => each.record),
  );
  return aScene({
    streams: lanes,
    channel: {
      spec,
      ...(more.status === undefined ? {} : { status: more.status }),
      metadata: { annotations: { ...noted, ...(wake === undefined ? {} : { [annotations.wake]: wake }) } },
    },
  });
}

const restAfter = (difference: Difference, time = now): IdleRecord | undefined | 'unchanged' => {
  const change = nextIdle(scene(difference), true, policy, time);
  return change === undefined ? 'unchanged' : change.records[0]?.idle;
};

describe('a relay rests', () => {
  test.each<[string, Difference]>([
    ['without a host for so long', { lane: { report: waitingForHost }, status: status({ hostGone: -60 }) }],
    [
      'also while it holds the last picture on air',
      { lane: { report: aReport({ picture: 'held', host: null }) }, status: status({ hostGone: -60 }) },
    ],
  ])('%s', (_, difference) => {
    expect(restAfter(difference)).toEqual({ since: at(0), why: 'no-host' });
    expect(nextStep(scene(difference), policy, now)).toMatchObject({
      do: 'record',
      news: { type: 'Normal', reason: 'Idle', message: expect.stringContaining('60 s') as unknown },
    });
  });

  test('without viewers for so long', () => {
    const unwatched: Difference = {
      spec: noViewers,
      lane: { noViewersSince: later(-60) },
      status: status({ startedAt: -600 }),
    };
    expect(restAfter(unwatched)).toEqual({ since: at(0), why: 'no-viewers' });
    expect(restAfter({ ...unwatched, lane: { noViewersSince: later(-59) } })).toBe('unchanged');
    expect(restAfter({ ...unwatched, lane: {} })).toBe('unchanged');
    expect(restAfter({ ...unwatched, status: status({ startedAt: -30 }) })).toBe('unchanged');
    expect(restAfter({ ...unwatched, spec: noHost })).toBe('unchanged');
    const waiting = { noViewersSince: later(-60), report: waitingForHost };
    expect(restAfter({ ...unwatched, lane: waiting })).toBe('unchanged');
  });

  test.each<[string, Difference]>([
    ['sooner', { lane: { report: waitingForHost }, status: status({ hostGone: -59 }) }],
    ['with a host', { status: status({}) }],
    [
      'because of a camera that is off',
      {
        lane: { report: aReport({ picture: 'held', host: { uid: 1, video: false, audio: true } }) },
        status: status({ hostGone: -600 }),
      },
    ],
    ['when its host is back and the status does not say so yet', { status: status({ hostGone: -600 }) }],
    ['when it cannot look', { lane: { report: undefined }, status: status({ hostGone: -600 }) }],
    [
      'unless that is asked for',
      { spec: {}, lane: { report: waitingForHost }, status: status({ hostGone: -600 }) },
    ],
    [
      'during a move',
      { lane: { report: waitingForHost }, status: status({ hostGone: -600 }), others: [aNextLane()] },
    ],
  ])('not %s', (_, difference) => {
    expect(restAfter(difference)).toBe('unchanged');
  });
});

const resting: IdleRecord = { since: at(-30), why: 'no-host' };
const gone = { pod: undefined, report: undefined } as const;

describe('while it rests', () => {
  test('its pod goes, and the stream and its Secret stay', () => {
    expect(nextStep(scene({ rest: resting }), policy, now)).toMatchObject({
      do: 'delete-pod',
      reason: 'Idle',
    });
    expect(nextStep(scene({ rest: resting, lane: gone }), policy, now)).toEqual({ do: 'rest' });
  });

  test('the status says so, and that it is stopped', () => {
    const described = describeChannel(scene({ rest: resting, lane: gone }), 'PodDeleted', now);
    expect(described).toMatchObject({ relayStatus: 'stopped', relay: { idleSince: '2026-03-01T11:59:30Z' } });
    const reasons = Object.fromEntries(
      (described.conditions ?? []).map(({ type, reason }) => [type, reason]),
    );
    expect(reasons).toMatchObject({ Ready: 'Idle', RelayReady: 'Idle', StreamReady: 'StreamCreated' });
    expect(described.hlsPlaybackUrl).toBeDefined();
  });

  test.each<[string, Difference]>([
    ['the annotation wakes it', { wake: 'now' }],
    ['another value of the annotation wakes it', { rest: { ...resting, resume: 'before' }, wake: 'now' }],
    ['a spec that asks for no rest wakes it', { spec: {} }],
  ])('%s', (_, difference) => {
    expect(restAfter({ rest: resting, lane: gone, ...difference })).toBeUndefined();
    const step = nextStep(scene({ rest: resting, lane: gone, ...difference }), policy, now);
    expect(step).toMatchObject({ do: 'record', news: { reason: 'Woken' } });
  });

  test('the value that the annotation had does not wake it', () => {
    const rest = { ...resting, wake: 'before' };
    expect(restAfter({ rest, lane: gone, wake: 'before' })).toBe('unchanged');
    expect(restAfter({ rest, lane: gone })).toBe('unchanged');
  });

  test('a channel that is suspended forgets that it rested, without a word', () => {
    const change = nextIdle(scene({ rest: resting, lane: gone }), false, policy, now);
    expect(change).toEqual({ records: [aRecord()] });
  });
});

describe('a look for the host', () => {
  const looking: IdleRecord = { ...resting, probingSince: at(-12) };
  test('is due every so often, and by itself only for want of a host', () => {
    const dueOf = (rest: IdleRecord, spec = noHost): Date | undefined =>
      nextHostProbe(scene({ rest, spec }).channel);
    expect(dueOf(resting)).toEqual(later(30));
    expect(dueOf({ ...resting, probedAt: at(-10) })).toEqual(later(50));
    expect(dueOf({ ...resting, why: 'no-viewers' })).toBeUndefined();
    expect(dueOf(looking)).toBeUndefined();
    expect(dueOf(resting, idle({ noHostSeconds: 60, lookEverySeconds: 0 }))).toBeUndefined();
  });

  test('begins then, with a relay', () => {
    expect(restAfter({ rest: resting, lane: gone }, later(29))).toBe('unchanged');
    expect(restAfter({ rest: resting, lane: gone }, later(30))).toEqual({ ...resting, looking: at(30) });
    expect(nextStep(scene({ rest: looking, lane: gone }), policy, now)).toMatchObject({ do: 'create-pod' });
  });

  test('still counts as rest', () => {
    const described = describeChannel(
      scene({ rest: looking, lane: { report: waitingForHost } }),
      'PodDeleted',
      now,
    );
    expect(described.relayStatus).toBe('stopped');
  });

  test.each<[string, Difference, IdleRecord | undefined | 'unchanged']>([
    ['the host is there: it goes on', { lane: { report: aReport({ state: 'connecting' }) } }, undefined],
    [
      'it takes some seconds to see who is there',
      { lane: { report: waitingForHost }, status: status({ hostGone: -7 }) },
      'unchanged',
    ],
    [
      'nobody is there: it rests again',
      { lane: { report: waitingForHost }, status: status({ hostGone: -8 }) },
      { ...resting, probedAt: at(0) },
    ],
    [
      'what the status said of an earlier look does not count',
      { lane: { report: undefined }, status: status({ hostGone: -90 }) },
      'unchanged',
    ],
    [
      'a relay that does not get to look is given up',
      { rest: { ...resting, probingSince: at(-60) }, lane: { report: undefined } },
      { ...resting, probedAt: at(0) },
    ],
  ])('%s', (_, difference, expected) => {
    expect(restAfter({ rest: looking, ...difference })).toEqual(expected);
  });

  test('has no standby', () => {
    const both = { relay: { replicas: 2, idle: { noHostSeconds: 60 } } };
    const step = nextStep(
      scene({ rest: looking, spec: both, lane: { report: waitingForHost } }),
      policy,
      now,
    );
    expect(step).toEqual({ do: 'rest' });
  });
});

test('a channel that never rested has nothing to tell of it', () => {
  const { channel }: { channel: LiveChannel } = scene({});
  expect(nextHostProbe(channel)).toBeUndefined();
  expect(nextIdle(aScene({ streams: [] }), true, policy, now)).toBeUndefined();
  expect(nextIdle(scene({ lane: bare }), true, policy, now)).toBeUndefined();
});
