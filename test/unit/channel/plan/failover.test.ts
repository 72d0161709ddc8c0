import { describe, expect, test } from '@jest/globals';
import { isReplacedInPlace, failoverStep, needsStandby } from '../../../../src/channel/plan/failover.ts';
import { nextStep } from '../../../../src/channel/plan/next-step.ts';
import {
  found,
  missing,
  type StreamState,
  type RelayPodFacts,
  type Standby,
} from '../../../../src/channel/state.ts';
import type { StreamRecord } from '../../../../src/api/stream-records.ts';
import {
  aStream,
  anIncomingStream,
  aPlatform,
  aPod,
  aRecord,
  aReport,
  anObserved,
  aSecret,
  aStandby,
  at,
  later,
  now,
  pairRecord,
  policy,
  standingBy,
  toOther,
  waitingForHost,
} from '../../../support/channel/channel-examples.ts';

const epoch = 1_000;
const record = pairRecord({ epoch });
const paired = (difference: Partial<StreamState> = {}, standby: Partial<Standby> = {}): StreamState =>
  aStream({ record, standby: aStandby(standby), ...difference });
const stepOf = (stream: StreamState, time = now): ReturnType<typeof failoverStep> =>
  failoverStep(stream, anObserved({ streams: [stream] }), time);
const seconds = Math.floor(now.getTime() / 1_000);
const dead = { running: false, ready: false } as const;
const withPriority = found({ ...aPlatform, takeover: 'ivs-priority' } as const);

describe('failover to the standby happens', () => {
  test.each<[string, Partial<StreamState>, string]>([
    ['when the active pod is gone', { pod: undefined, report: undefined }, 'PodDeleted'],
    [
      'when the active pod is being deleted',
      { pod: aPod({ deleting: true }), report: undefined },
      'PodDeleted',
    ],
    [
      'when the active pod was evicted',
      { pod: aPod({ ...dead, phase: 'Failed', reason: 'Evicted' }), report: undefined },
      'Evicted',
    ],
    [
      'when the active container has exited',
      { pod: aPod({ ...dead, ended: { exitCode: 137, reason: 'Error', message: '' } }), report: undefined },
      'ContainerExited',
    ],
    [
      'when the active container ran out of memory',
      {
        pod: aPod({ ...dead, ended: { exitCode: 137, reason: 'OOMKilled', message: '' } }),
        report: undefined,
      },
      'OOMKilled',
    ],
    ['when the active relay no longer answers', { silent: true, report: undefined }, 'RelayReplaced'],
    ['when the node of the active relay is lost', { nodeLost: true, report: undefined }, 'NodeLost'],
    ['when the active relay is shutting down', { report: aReport({ state: 'stopping' }) }, 'ShuttingDown'],
    [
      'when the active pod does not start',
      { pod: aPod({ ...dead, createdAt: later(-11) }), report: undefined },
      'PodPending',
    ],
  ])('%s', (_, stream, reason) => {
    const step = stepOf(paired(stream));
    expect(step).toMatchObject({
      do: 'fail-over',
      record,
      noted: { slot: 1, standby: { slot: 0 } },
      why: { reason },
    });
  });

  test.each<[string, Partial<StreamState>, Partial<Standby>]>([
    ['while the active relay works', {}, {}],
    ['while there is no host, because the standby has none either', { report: waitingForHost }, {}],
    [
      'while the active relay is starting',
      { pod: aPod({ ...dead, createdAt: later(-3) }), report: undefined },
      {},
    ],
    [
      'when the stream key was refused, because the standby has the same key',
      {
        pod: aPod({
          ...dead,
          ended: { exitCode: 3, reason: 'Error', message: '{"reason":"IngestRejected","message":"no"}' },
        }),
        report: undefined,
      },
      {},
    ],
    ['before the standby has joined', { silent: true }, { report: { ...standingBy, state: 'joining' } }],
    ['when the standby does not answer', { silent: true }, { report: undefined }],
    ['when the standby pod is being deleted', { silent: true }, { pod: aPod({ deleting: true }) }],
  ])('failover does not happen %s', (_, stream, standby) => {
    expect(stepOf(paired(stream, standby))?.do).not.toBe('fail-over');
  });

  test('uses a higher epoch, with room for the sessions of the previous one', () => {
    const epochOf = (stream: StreamState): number | undefined => {
      const step = stepOf(stream);
      return step?.do === 'fail-over' ? step.noted.epoch : undefined;
    };
    expect(epochOf(paired({ silent: true }))).toBe(seconds);
    const recent = pairRecord({ epoch: seconds - 1 });
    expect(epochOf(paired({ silent: true, record: recent }))).toBe(seconds + 9);
  });

  test('has priority over all other steps', () => {
    const stream = paired({ silent: true, secret: aSecret({ configDigest: 'config-0' }) });
    expect(nextStep(anObserved({ streams: [stream] }), policy, now).do).toBe('fail-over');
  });

  test('does not happen while the channel is suspended', () => {
    const scene = anObserved({ streams: [paired({ silent: true })], channel: { spec: { suspend: true } } });
    expect(nextStep(scene, policy, now).do).toBe('delete-pod');
  });
});

describe('a relay on a lost node, without a standby', () => {
  const alone = aStream({ nodeLost: true, report: undefined, pod: aPod({ nodeName: 'node-9' }) });
  test('is replaced in the other slot, on another node', () => {
    expect(stepOf(alone)).toMatchObject({
      do: 'fail-over',
      noted: { slot: 1, standby: { slot: 0, node: 'node-9' } },
      why: { reason: 'NodeLost' },
    });
  });

  test('is replaced also when its pod is already being deleted', () => {
    expect(stepOf({ ...alone, pod: aPod({ deleting: true }) })?.do).toBe('fail-over');
  });

  test('is waited for while the other slot is in use', () => {
    const scene = anObserved({ streams: [alone, anIncomingStream()] });
    expect(failoverStep(alone, scene, now)).toBeUndefined();
    const unowned = { slot: 1, secret: true, pod: undefined, deferred: false } as const;
    expect(failoverStep(alone, anObserved({ streams: [alone], unowned: [unowned] }), now)).toBeUndefined();
  });
});

/** After a failover: slot 1 pushes, or should push. */
const failedOver: StreamRecord = aRecord({ slot: 1, standby: { slot: 0, since: at(0) }, epoch });
const after = (stream: Partial<StreamState>, standby: Partial<Standby>): StreamState =>
  aStream({
    record: failedOver,
    pod: aPod({ name: 'show-relay-1', uid: 'pod-2', slot: 1 }),
    report: standingBy,
    standby: aStandby({ slot: 0, pod: aPod(), report: aReport(), ...standby }),
    ...stream,
  });

describe('commands to relays', () => {
  test('the replaced relay is commanded to stop pushing first', () => {
    expect(stepOf(after({}, {}))).toMatchObject({ do: 'command', slot: 0, to: 'standby' });
  });

  test('are sent once per reconcile', () => {
    expect(stepOf(after({ platform: withPriority }, { commanded: true }))).toMatchObject({ to: 'activate' });
    expect(stepOf(after({ platform: withPriority, commanded: true }, { commanded: true }))).toBeUndefined();
  });

  test('the new active relay is commanded to push, with its epoch', () => {
    const step = stepOf(after({}, { report: standingBy }));
    expect(step).toMatchObject({ do: 'command', slot: 1, to: 'activate', epoch });
  });

  test('a relay that does not answer is not waited for if the ingest fences it by priority', () => {
    const stream = after({ platform: withPriority }, { report: undefined });
    expect(stepOf(stream)).toMatchObject({ do: 'command', slot: 1, to: 'activate' });
  });

  test('a container that started in the wrong role is corrected', () => {
    expect(stepOf(paired({}, { report: aReport() }))).toMatchObject({ slot: 1, to: 'standby' });
    expect(stepOf(paired({ report: standingBy }))).toMatchObject({ slot: 0, to: 'activate' });
    expect(stepOf(aStream({ report: standingBy }))).toMatchObject({ slot: 0, to: 'activate' });
  });

  test('none are sent in the desired state', () => {
    expect(stepOf(paired())).toBeUndefined();
    expect(stepOf(after({ report: aReport() }, { report: standingBy }))).toBeUndefined();
  });
});

describe('when the ingest does not support priorities', () => {
  const withoutReport = { report: undefined };
  test.each<[string, Partial<Standby>]>([
    ['reports that it is a standby', { report: standingBy }],
    ['is gone', { pod: undefined, report: undefined }],
    ['has failed', { pod: aPod({ ...dead, phase: 'Failed' }), report: undefined }],
  ])('the new relay pushes once the previous one %s', (_, standby) => {
    expect(stepOf(after({}, standby))).toMatchObject({ to: 'activate' });
  });

  test.each<[string, Partial<Standby>]>([
    ['does not answer', withoutReport],
    ['has exited and would restart in the same role', { pod: aPod(dead), report: undefined }],
    ['is being deleted', { pod: aPod({ deleting: true }), report: undefined }],
  ])('the key is rotated first if the previous relay %s', (_, standby) => {
    const noted = { ...failedOver, fenced: { epoch } };
    expect(stepOf(after({}, standby))).toEqual({ do: 'note', record: failedOver, noted });
    expect(stepOf(after({ record: noted }, standby))).toEqual({ do: 'fence', record: noted });
  });

  test('the new key is given time to arrive, and is created once for each failover', () => {
    const fenced = (of: number, when: string): StreamState =>
      after({ record: { ...failedOver, fenced: { epoch: of, at: when } } }, withoutReport);
    expect(stepOf(fenced(epoch, at(-2)))).toBeUndefined();
    expect(stepOf(fenced(epoch, at(-3)))).toMatchObject({ to: 'activate' });
    expect(stepOf(fenced(epoch - 10, at(-60)))).toMatchObject({ noted: { fenced: { epoch } } });
  });

  test('a rotation that may have been interrupted is repeated, whatever has been observed since', () => {
    const begun = { ...failedOver, fenced: { epoch: epoch - 10 } };
    expect(stepOf(after({ record: begun }, { report: standingBy }))?.do).toBe('fence');
    expect(stepOf(after({ record: begun, report: aReport() }, { report: standingBy }))?.do).toBe('fence');
  });

  test('the new relay does not push while the platform cannot be called', () => {
    const gone = missing('PlatformNotFound', 'none');
    expect(stepOf(after({ platform: gone }, withoutReport))).toBeUndefined();
    expect(stepOf(after({ deferred: { failure: undefined } }, withoutReport))).toBeUndefined();
  });
});

describe('a second relay', () => {
  const twoRelays = { spec: { relay: { replicas: 2 } } };
  const old: RelayPodFacts = aPod({ specDigest: 'pod-0' });
  test('is required for replicas 2, and to replace an active relay on air', () => {
    expect(needsStandby(aStream(), anObserved(), true)).toBe(false);
    expect(needsStandby(aStream(), anObserved({ channel: twoRelays }), true)).toBe(true);
    expect(needsStandby(aStream({ pod: old }), anObserved(), true)).toBe(true);
    expect(needsStandby(aStream({ pod: old, report: waitingForHost }), anObserved(), true)).toBe(false);
  });

  test('is not required when no relay is, or during a migration', () => {
    expect(needsStandby(aStream(), anObserved({ channel: twoRelays }), false)).toBe(false);
    const target = { desired: found(toOther()), channel: twoRelays };
    expect(needsStandby(aStream(), anObserved(target), true)).toBe(false);
    const migrating = { streams: [aStream(), anIncomingStream()], channel: twoRelays };
    expect(needsStandby(aStream(), anObserved(migrating), true)).toBe(false);
  });

  test('with the new configuration takes the active role from one with the old configuration', () => {
    expect(stepOf(paired({ pod: old }))).toMatchObject({ do: 'fail-over', why: { reason: 'SpecChanged' } });
    expect(stepOf(paired({ pod: old }, { pod: aPod({ specDigest: 'pod-0' }) }))).toBeUndefined();
  });

  test.each<[string, Partial<Standby> | undefined, boolean]>([
    ['waits for a standby that has not been requested yet', undefined, false],
    [
      'waits for a standby that has just been created',
      { pod: aPod({ createdAt: later(-59) }), report: undefined },
      false,
    ],
    [
      'does not wait for a standby that has been unschedulable for a minute: the relay is replaced in place',
      { pod: aPod({ ...dead, createdAt: later(-61), unschedulable: 'no room' }), report: undefined },
      true,
    ],
    [
      'waits for a standby whose image cannot be pulled, because its own image could not be pulled either',
      {
        pod: aPod({ ...dead, createdAt: later(-61), waiting: { reason: 'ErrImagePull', message: '' } }),
        report: undefined,
      },
      false,
    ],
    [
      'waits for a standby that is being deleted, whatever its age',
      { pod: aPod({ deleting: true, createdAt: later(-900) }) },
      false,
    ],
    [
      'waits until a standby with the old configuration has been replaced',
      { pod: aPod({ specDigest: 'pod-0' }) },
      false,
    ],
  ])('%s', (_, standby, inPlace) => {
    const stream = aStream({
      pod: old,
      record: standby === undefined ? aRecord() : record,
      standby: standby === undefined ? undefined : aStandby(standby),
    });
    expect(isReplacedInPlace(stream, anObserved({ streams: [stream] }), now)).toBe(inPlace);
  });

  test('does not wait if a migration uses the other slot, or off air', () => {
    const stream = aStream({ pod: old });
    expect(isReplacedInPlace(stream, anObserved({ streams: [stream, anIncomingStream()] }), now)).toBe(true);
    const off = aStream({ pod: old, report: waitingForHost });
    expect(isReplacedInPlace(off, anObserved({ streams: [off] }), now)).toBe(true);
  });
});
