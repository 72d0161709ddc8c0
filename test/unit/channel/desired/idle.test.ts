import { describe, expect, test } from '@jest/globals';
import type { LiveChannel, LiveChannelStatus } from '../../../../src/api/live-channel.ts';
import { annotations } from '../../../../src/api/names.ts';
import { describeChannel } from '../../../../src/channel/status/status.ts';
import { nextStep } from '../../../../src/channel/plan/next-step.ts';
import type { StreamState, Observed } from '../../../../src/channel/state.ts';
import { streamRecordAnnotations, type IdleRecord } from '../../../../src/api/annotations/stream-records.ts';
import { nextHostProbe, nextIdle } from '../../../../src/channel/desired/idle.ts';
import {
  aStream,
  anIncomingStream,
  aRecord,
  aReport,
  anObserved,
  at,
  bare,
  later,
  now,
  policy,
  waitingForHost,
} from '../../../support/channel/channel-examples.ts';

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
  readonly stream?: Partial<StreamState>;
  readonly idle?: IdleRecord;
  readonly spec?: object;
  readonly status?: LiveChannelStatus;
  readonly wake?: string;
  readonly others?: readonly StreamState[];
}

function scene({ stream = {}, idle, spec = noHost, wake, others = [], ...more }: Difference): Observed {
  const record = idle === undefined ? aRecord() : aRecord({ idle: idle });
  const streams = [aStream({ record, ...stream }), ...others];
  const noted = streamRecordAnnotations(
    'channel-uid',
    streams.map((each) => each.record),
  );
  return anObserved({
    streams,
    channel: {
      spec,
      ...(more.status === undefined ? {} : { status: more.status }),
      metadata: { annotations: { ...noted, ...(wake === undefined ? {} : { [annotations.resume]: wake }) } },
    },
  });
}

const idleAfter = (difference: Difference, time = now): IdleRecord | undefined | 'unchanged' => {
  const change = nextIdle(scene(difference), true, policy, time);
  return change === undefined ? 'unchanged' : change.records[0]?.idle;
};

describe('a relay rests', () => {
  test.each<[string, Difference]>([
    ['without a host for so long', { stream: { report: waitingForHost }, status: status({ hostGone: -60 }) }],
    [
      'also while it holds the last picture on air',
      { stream: { report: aReport({ videoOutput: 'held', host: null }) }, status: status({ hostGone: -60 }) },
    ],
  ])('%s', (_, difference) => {
    expect(idleAfter(difference)).toEqual({ since: at(0), why: 'no-host' });
    expect(nextStep(scene(difference), policy, now)).toMatchObject({
      do: 'record',
      event: { type: 'Normal', reason: 'Idle', message: expect.stringContaining('60 s') as unknown },
    });
  });

  test('without viewers for so long', () => {
    const unwatched: Difference = {
      spec: noViewers,
      stream: { noViewersSince: later(-60) },
      status: status({ startedAt: -600 }),
    };
    expect(idleAfter(unwatched)).toEqual({ since: at(0), why: 'no-viewers' });
    expect(idleAfter({ ...unwatched, stream: { noViewersSince: later(-59) } })).toBe('unchanged');
    expect(idleAfter({ ...unwatched, stream: {} })).toBe('unchanged');
    expect(idleAfter({ ...unwatched, status: status({ startedAt: -30 }) })).toBe('unchanged');
    expect(idleAfter({ ...unwatched, spec: noHost })).toBe('unchanged');
    const waiting = { noViewersSince: later(-60), report: waitingForHost };
    expect(idleAfter({ ...unwatched, stream: waiting })).toBe('unchanged');
  });

  test.each<[string, Difference]>([
    ['sooner', { stream: { report: waitingForHost }, status: status({ hostGone: -59 }) }],
    ['with a host', { status: status({}) }],
    [
      'because of a camera that is off',
      {
        stream: { report: aReport({ videoOutput: 'held', host: { uid: 1, video: false, audio: true } }) },
        status: status({ hostGone: -600 }),
      },
    ],
    ['when its host is back and the status does not say so yet', { status: status({ hostGone: -600 }) }],
    ['when it cannot look', { stream: { report: undefined }, status: status({ hostGone: -600 }) }],
    [
      'unless that is asked for',
      { spec: {}, stream: { report: waitingForHost }, status: status({ hostGone: -600 }) },
    ],
    [
      'during a move',
      {
        stream: { report: waitingForHost },
        status: status({ hostGone: -600 }),
        others: [anIncomingStream()],
      },
    ],
  ])('not %s', (_, difference) => {
    expect(idleAfter(difference)).toBe('unchanged');
  });
});

const idling: IdleRecord = { since: at(-30), why: 'no-host' };
const gone = { pod: undefined, report: undefined } as const;

describe('while it rests', () => {
  test('its pod goes, and the stream and its Secret stay', () => {
    expect(nextStep(scene({ idle: idling }), policy, now)).toMatchObject({
      do: 'delete-pod',
      reason: 'Idle',
    });
    expect(nextStep(scene({ idle: idling, stream: gone }), policy, now)).toEqual({ do: 'none' });
  });

  test('the status says so, and that it is stopped', () => {
    const described = describeChannel(scene({ idle: idling, stream: gone }), 'PodDeleted', now);
    expect(described).toMatchObject({ relayStatus: 'stopped', relay: { idleSince: '2026-03-01T11:59:30Z' } });
    const reasons = Object.fromEntries(
      (described.conditions ?? []).map(({ type, reason }) => [type, reason]),
    );
    expect(reasons).toMatchObject({ Ready: 'Idle', RelayReady: 'Idle', StreamReady: 'StreamCreated' });
    expect(described.hlsPlaybackUrl).toBeDefined();
  });

  test.each<[string, Difference]>([
    ['the annotation wakes it', { wake: 'now' }],
    ['another value of the annotation wakes it', { idle: { ...idling, resume: 'before' }, wake: 'now' }],
    ['a spec that asks for no rest wakes it', { spec: {} }],
  ])('%s', (_, difference) => {
    expect(idleAfter({ idle: idling, stream: gone, ...difference })).toBeUndefined();
    const step = nextStep(scene({ idle: idling, stream: gone, ...difference }), policy, now);
    expect(step).toMatchObject({ do: 'record', event: { reason: 'Resuming' } });
  });

  test('the value that the annotation had does not wake it', () => {
    const idle = { ...idling, resume: 'before' };
    expect(idleAfter({ idle, stream: gone, wake: 'before' })).toBe('unchanged');
    expect(idleAfter({ idle, stream: gone })).toBe('unchanged');
  });

  test('a channel that is suspended forgets that it rested, without a word', () => {
    const change = nextIdle(scene({ idle: idling, stream: gone }), false, policy, now);
    expect(change).toEqual({ records: [aRecord()] });
  });
});

describe('a look for the host', () => {
  const probing: IdleRecord = { ...idling, probingSince: at(-12) };
  test('is due every so often, and by itself only for want of a host', () => {
    const dueOf = (idle: IdleRecord, spec = noHost): Date | undefined =>
      nextHostProbe(scene({ idle, spec }).channel);
    expect(dueOf(idling)).toEqual(later(30));
    expect(dueOf({ ...idling, probedAt: at(-10) })).toEqual(later(50));
    expect(dueOf({ ...idling, why: 'no-viewers' })).toBeUndefined();
    expect(dueOf(probing)).toBeUndefined();
    expect(dueOf(idling, idle({ noHostSeconds: 60, hostProbeIntervalSeconds: 0 }))).toBeUndefined();
  });

  test('begins then, with a relay', () => {
    expect(idleAfter({ idle: idling, stream: gone }, later(29))).toBe('unchanged');
    expect(idleAfter({ idle: idling, stream: gone }, later(30))).toEqual({ ...idling, probingSince: at(30) });
    expect(nextStep(scene({ idle: probing, stream: gone }), policy, now)).toMatchObject({ do: 'create-pod' });
  });

  test('still counts as rest', () => {
    const described = describeChannel(
      scene({ idle: probing, stream: { report: waitingForHost } }),
      'PodDeleted',
      now,
    );
    expect(described.relayStatus).toBe('stopped');
  });

  test.each<[string, Difference, IdleRecord | undefined | 'unchanged']>([
    ['the host is there: it goes on', { stream: { report: aReport({ state: 'connecting' }) } }, undefined],
    [
      'it takes some seconds to see who is there',
      { stream: { report: waitingForHost }, status: status({ hostGone: -7 }) },
      'unchanged',
    ],
    [
      'nobody is there: it rests again',
      { stream: { report: waitingForHost }, status: status({ hostGone: -8 }) },
      { ...idling, probedAt: at(0) },
    ],
    [
      'what the status said of an earlier look does not count',
      { stream: { report: undefined }, status: status({ hostGone: -90 }) },
      'unchanged',
    ],
    [
      'a relay that does not get to look is given up',
      { idle: { ...idling, probingSince: at(-60) }, stream: { report: undefined } },
      { ...idling, probedAt: at(0) },
    ],
  ])('%s', (_, difference, expected) => {
    expect(idleAfter({ idle: probing, ...difference })).toEqual(expected);
  });

  test('has no standby', () => {
    const both = { relay: { replicas: 2, idle: { noHostSeconds: 60 } } };
    const step = nextStep(
      scene({ idle: probing, spec: both, stream: { report: waitingForHost } }),
      policy,
      now,
    );
    expect(step).toEqual({ do: 'none' });
  });
});

test('a channel that never rested has nothing to tell of it', () => {
  const { channel }: { channel: LiveChannel } = scene({});
  expect(nextHostProbe(channel)).toBeUndefined();
  expect(nextIdle(anObserved({ streams: [] }), true, policy, now)).toBeUndefined();
  expect(nextIdle(scene({ stream: bare }), true, policy, now)).toBeUndefined();
});
