import { describe, expect, test } from '@jest/globals';
import type { LiveChannel, LiveChannelStatus } from '../../../../src/api/live-channel.ts';
import { annotations } from '../../../../src/api/names.ts';
import { describeChannel } from '../../../../src/channel/status/status.ts';
import { nextStep } from '../../../../src/channel/plan/next-step.ts';
import type { StreamState, Observed } from '../../../../src/channel/state.ts';
import type { IdleRecord } from '../../../../src/api/stream-records.ts';
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

/** A status with the time since which there is no host, or since which the channel is on air. */
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
  readonly resume?: string;
  readonly others?: readonly StreamState[];
}

function scene({ stream = {}, idle, spec = noHost, resume, others = [], ...more }: Difference): Observed {
  const record = idle === undefined ? aRecord() : aRecord({ idle: idle });
  const streams = [aStream({ record, ...stream }), ...others];
  return anObserved({
    streams,
    channel: {
      spec,
      ...(more.status === undefined ? {} : { status: more.status }),
      metadata: {
        annotations: resume === undefined ? {} : { [annotations.resume]: resume },
      },
    },
  });
}

const idleAfter = (difference: Difference, time = now): IdleRecord | undefined | 'unchanged' => {
  const change = nextIdle(scene(difference), true, policy, time);
  return change === undefined ? 'unchanged' : change.records[0]?.idle;
};

describe('a relay becomes idle', () => {
  test.each<[string, Difference]>([
    [
      'without a host for the configured time',
      { stream: { report: waitingForHost }, status: status({ hostGone: -60 }) },
    ],
    [
      'while it holds the last frame on air',
      { stream: { report: aReport({ videoOutput: 'held', host: null }) }, status: status({ hostGone: -60 }) },
    ],
  ])('%s', (_, difference) => {
    expect(idleAfter(difference)).toEqual({ since: at(0), why: 'no-host' });
    expect(nextStep(scene(difference), policy, now)).toMatchObject({
      do: 'record',
      event: { type: 'Normal', reason: 'Idle', message: expect.stringContaining('60 s') as unknown },
    });
  });

  test('without viewers for the configured time', () => {
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
      'while the camera is off',
      {
        stream: { report: aReport({ videoOutput: 'held', host: { uid: 1, video: false, audio: true } }) },
        status: status({ hostGone: -600 }),
      },
    ],
    ['when its host is back and the status is not up to date', { status: status({ hostGone: -600 }) }],
    ['when host presence is unknown', { stream: { report: undefined }, status: status({ hostGone: -600 }) }],
    [
      'unless the spec enables it',
      { spec: {}, stream: { report: waitingForHost }, status: status({ hostGone: -600 }) },
    ],
    [
      'during a migration',
      {
        stream: { report: waitingForHost },
        status: status({ hostGone: -600 }),
        others: [anIncomingStream()],
      },
    ],
  ])('a relay does not become idle %s', (_, difference) => {
    expect(idleAfter(difference)).toBe('unchanged');
  });
});

const idling: IdleRecord = { since: at(-30), why: 'no-host' };
const gone = { pod: undefined, report: undefined } as const;

describe('while a channel is idle', () => {
  test('its pod is deleted, and the stream and its Secret are kept', () => {
    expect(nextStep(scene({ idle: idling }), policy, now)).toMatchObject({
      do: 'delete-pod',
      reason: 'Idle',
    });
    expect(nextStep(scene({ idle: idling, stream: gone }), policy, now)).toEqual({ do: 'none' });
  });

  test('the status has the reason Idle and the relay is stopped', () => {
    const described = describeChannel(scene({ idle: idling, stream: gone }), 'PodDeleted', now);
    expect(described).toMatchObject({ relayStatus: 'stopped', relay: { idleSince: '2026-03-01T11:59:30Z' } });
    const reasons = Object.fromEntries(
      (described.conditions ?? []).map(({ type, reason }) => [type, reason]),
    );
    expect(reasons).toMatchObject({ Ready: 'Idle', RelayReady: 'Idle', StreamReady: 'StreamCreated' });
    expect(described.hlsPlaybackUrl).toBeDefined();
  });

  test.each<[string, Difference]>([
    ['the annotation resumes it', { resume: 'now' }],
    ['another value of the annotation resumes it', { idle: { ...idling, resume: 'before' }, resume: 'now' }],
    ['a spec without idling resumes it', { spec: {} }],
  ])('%s', (_, difference) => {
    expect(idleAfter({ idle: idling, stream: gone, ...difference })).toBeUndefined();
    const step = nextStep(scene({ idle: idling, stream: gone, ...difference }), policy, now);
    expect(step).toMatchObject({ do: 'record', event: { reason: 'Resuming' } });
  });

  test('the previous value of the annotation does not resume it', () => {
    const idle = { ...idling, resume: 'before' };
    expect(idleAfter({ idle, stream: gone, resume: 'before' })).toBe('unchanged');
    expect(idleAfter({ idle, stream: gone })).toBe('unchanged');
  });

  test('suspending the channel clears the idle record without an event', () => {
    const change = nextIdle(scene({ idle: idling, stream: gone }), false, policy, now);
    expect(change).toEqual({ records: [aRecord()] });
  });
});

describe('probing for the host', () => {
  const probing: IdleRecord = { ...idling, probingSince: at(-12) };
  test('is due at the configured interval, and only when idle because of no host', () => {
    const dueOf = (idle: IdleRecord, spec = noHost): Date | undefined =>
      nextHostProbe(scene({ idle, spec }).channel);
    expect(dueOf(idling)).toEqual(later(30));
    expect(dueOf({ ...idling, probedAt: at(-10) })).toEqual(later(50));
    expect(dueOf({ ...idling, why: 'no-viewers' })).toBeUndefined();
    expect(dueOf(probing)).toBeUndefined();
    expect(dueOf(idling, idle({ noHostSeconds: 60, hostProbeIntervalSeconds: 0 }))).toBeUndefined();
  });

  test('starts at that time, with a relay', () => {
    expect(idleAfter({ idle: idling, stream: gone }, later(29))).toBe('unchanged');
    expect(idleAfter({ idle: idling, stream: gone }, later(30))).toEqual({ ...idling, probingSince: at(30) });
    expect(nextStep(scene({ idle: probing, stream: gone }), policy, now)).toMatchObject({ do: 'create-pod' });
  });

  test('still counts as idle', () => {
    const described = describeChannel(
      scene({ idle: probing, stream: { report: waitingForHost } }),
      'PodDeleted',
      now,
    );
    expect(described.relayStatus).toBe('stopped');
  });

  test.each<[string, Difference, IdleRecord | undefined | 'unchanged']>([
    ['resumes when the host is present', { stream: { report: aReport({ state: 'connecting' }) } }, undefined],
    [
      'waits some seconds for the host to appear',
      { stream: { report: waitingForHost }, status: status({ hostGone: -7 }) },
      'unchanged',
    ],
    [
      'becomes idle again when there is no host',
      { stream: { report: waitingForHost }, status: status({ hostGone: -8 }) },
      { ...idling, probedAt: at(0) },
    ],
    [
      'ignores the status of an earlier probe',
      { stream: { report: undefined }, status: status({ hostGone: -90 }) },
      'unchanged',
    ],
    [
      'is aborted when the relay cannot join',
      { idle: { ...idling, probingSince: at(-60) }, stream: { report: undefined } },
      { ...idling, probedAt: at(0) },
    ],
  ])('%s', (_, difference, expected) => {
    expect(idleAfter({ idle: probing, ...difference })).toEqual(expected);
  });

  test('does not use a standby', () => {
    const both = { relay: { replicas: 2, idle: { noHostSeconds: 60 } } };
    const step = nextStep(
      scene({ idle: probing, spec: both, stream: { report: waitingForHost } }),
      policy,
      now,
    );
    expect(step).toEqual({ do: 'none' });
  });
});

describe('a relay that starts when its host joins', () => {
  const onHost = { relay: { startOn: 'host' } };
  const announced = at(-5);

  test('waits for the first host, without a pod and without probes', () => {
    const waiting = idleAfter({ spec: onHost, stream: gone });
    expect(waiting).toEqual({ since: at(0), why: 'no-host' });
    const idle = waiting as IdleRecord;
    expect(nextStep(scene({ spec: onHost, idle, stream: gone }), policy, later(3_600))).toEqual({
      do: 'none',
    });
    const described = describeChannel(scene({ spec: onHost, idle, stream: gone }), 'PodDeleted', now);
    expect(described.relayStatus).toBe('stopped');
    expect(described.conditions?.find(({ type }) => type === 'RelayReady')).toMatchObject({
      reason: 'Idle',
      message: expect.stringContaining('starts when the host joins Agora channel "') as unknown,
    });
  });

  test('starts when the host is announced, also before the channel was first reconciled', () => {
    expect(idleAfter({ spec: onHost, idle: idling, stream: gone, resume: announced })).toBeUndefined();
    expect(idleAfter({ spec: onHost, stream: gone, resume: announced })).toBe('unchanged');
  });

  test('stops a minute after the host left, or after noHostSeconds', () => {
    const left = (seconds: number, spec: object): ReturnType<typeof idleAfter> =>
      idleAfter({
        spec,
        resume: at(-600),
        stream: { report: waitingForHost },
        status: status({ hostGone: -seconds }),
      });
    expect(left(59, onHost)).toBe('unchanged');
    expect(left(60, onHost)).toMatchObject({ why: 'no-host' });
    const patient = { relay: { startOn: 'host', idle: { noHostSeconds: 300 } } };
    expect(left(299, patient)).toBe('unchanged');
    expect(left(300, patient)).toMatchObject({ why: 'no-host' });
  });

  test('waits for a host that was just announced for the same time', () => {
    const scene = { spec: onHost, stream: { report: waitingForHost }, status: status({ hostGone: -600 }) };
    expect(idleAfter({ ...scene, resume: at(-59) })).toBe('unchanged');
    expect(idleAfter({ ...scene, resume: at(-60) })).toMatchObject({ why: 'no-host', resume: at(-60) });
    // Other values than a time in the past count from when the host was last seen.
    for (const resume of ['again', at(3_600)])
      expect(idleAfter({ ...scene, resume })).toMatchObject({ why: 'no-host' });
  });

  test('keeps running when the field is set while a host is on air', () => {
    expect(idleAfter({ spec: onHost, status: status({}) })).toBe('unchanged');
    expect(idleAfter({ spec: onHost, stream: gone, status: status({ startedAt: -60 }) })).toBe('unchanged');
  });

  test('runs when it is no longer to wait for a host', () => {
    expect(idleAfter({ spec: {}, idle: idling, stream: gone })).toBeUndefined();
  });
});

test('a channel that was never idle has no idle fields', () => {
  const { channel }: { channel: LiveChannel } = scene({});
  expect(nextHostProbe(channel)).toBeUndefined();
  expect(nextIdle(anObserved({ streams: [] }), true, policy, now)).toBeUndefined();
  expect(nextIdle(scene({ stream: bare }), true, policy, now)).toBeUndefined();
});
