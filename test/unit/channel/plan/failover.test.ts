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
import type { StreamRecord } from '../../../../src/api/annotations/stream-records.ts';
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

describe('the relay that stands by takes over', () => {
  test.each<[string, Partial<StreamState>, string]>([
    ['from one whose pod is gone', { pod: undefined, report: undefined }, 'PodDeleted'],
    [
      'from one whose pod is being deleted',
      { pod: aPod({ deleting: true }), report: undefined },
      'PodDeleted',
    ],
    [
      'from one that was evicted',
      { pod: aPod({ ...dead, phase: 'Failed', reason: 'Evicted' }), report: undefined },
      'Evicted',
    ],
    [
      'from one whose container is dead',
      { pod: aPod({ ...dead, ended: { exitCode: 137, reason: 'Error', message: '' } }), report: undefined },
      'ContainerExited',
    ],
    [
      'from one that ran out of memory',
      {
        pod: aPod({ ...dead, ended: { exitCode: 137, reason: 'OOMKilled', message: '' } }),
        report: undefined,
      },
      'OOMKilled',
    ],
    ['from one that does not answer any more', { silent: true, report: undefined }, 'RelayReplaced'],
    ['from one whose node is lost', { nodeLost: true, report: undefined }, 'NodeLost'],
    ['from one that was asked to stop', { report: aReport({ state: 'stopping' }) }, 'ShuttingDown'],
    [
      'from one that does not come to run',
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
    ['from one that is well', {}, {}],
    ['from one without a host: it would have none either', { report: waitingForHost }, {}],
    ['from one that is starting', { pod: aPod({ ...dead, createdAt: later(-3) }), report: undefined }, {}],
    [
      'from one whose key was refused: it has the same',
      {
        pod: aPod({
          ...dead,
          ended: { exitCode: 3, reason: 'Error', message: '{"reason":"IngestRejected","message":"no"}' },
        }),
        report: undefined,
      },
      {},
    ],
    ['before it has joined', { silent: true }, { report: { ...standingBy, state: 'joining' } }],
    ['when it does not answer', { silent: true }, { report: undefined }],
    ['when its own pod is going', { silent: true }, { pod: aPod({ deleting: true }) }],
  ])('not %s', (_, stream, standby) => {
    expect(stepOf(paired(stream, standby))?.do).not.toBe('fail-over');
  });

  test('with a higher epoch, which leaves room for the sessions of the one before', () => {
    const epochOf = (stream: StreamState): number | undefined => {
      const step = stepOf(stream);
      return step?.do === 'fail-over' ? step.noted.epoch : undefined;
    };
    expect(epochOf(paired({ silent: true }))).toBe(seconds);
    const recent = pairRecord({ epoch: seconds - 1 });
    expect(epochOf(paired({ silent: true, record: recent }))).toBe(seconds + 9);
  });

  test('as soon as it is seen: before anything else is done for the channel', () => {
    const stream = paired({ silent: true, secret: aSecret({ configDigest: 'config-0' }) });
    expect(nextStep(anObserved({ streams: [stream] }), policy, now).do).toBe('fail-over');
  });

  test('and does not while the channel is suspended', () => {
    const scene = anObserved({ streams: [paired({ silent: true })], channel: { spec: { suspend: true } } });
    expect(nextStep(scene, policy, now).do).toBe('delete-pod');
  });
});

describe('a relay on a lost node, with nobody beside it', () => {
  const alone = aStream({ nodeLost: true, report: undefined, pod: aPod({ nodeName: 'node-9' }) });
  test('is replaced in the other slot, on another node', () => {
    expect(stepOf(alone)).toMatchObject({
      do: 'fail-over',
      noted: { slot: 1, standby: { slot: 0, node: 'node-9' } },
      why: { reason: 'NodeLost' },
    });
  });

  test('also when Kubernetes has begun to delete its pod, which lingers', () => {
    expect(stepOf({ ...alone, pod: aPod({ deleting: true }) })?.do).toBe('fail-over');
  });

  test('is waited for while the other slot is taken', () => {
    const scene = anObserved({ streams: [alone, anIncomingStream()] });
    expect(failoverStep(alone, scene, now)).toBeUndefined();
    const loose = { slot: 1, secret: true, pod: undefined, deferred: false } as const;
    expect(failoverStep(alone, anObserved({ streams: [alone], unowned: [loose] }), now)).toBeUndefined();
  });
});

/** After a failover: slot 1 pushes, or should. */
const handed: StreamRecord = aRecord({ slot: 1, standby: { slot: 0, since: at(0) }, epoch });
const after = (stream: Partial<StreamState>, standby: Partial<Standby>): StreamState =>
  aStream({
    record: handed,
    pod: aPod({ name: 'show-relay-1', uid: 'pod-2', slot: 1 }),
    report: standingBy,
    standby: aStandby({ slot: 0, pod: aPod(), report: aReport(), ...standby }),
    ...stream,
  });

describe('who is told what', () => {
  test('the one that was replaced is told first', () => {
    expect(stepOf(after({}, {}))).toMatchObject({ do: 'command', slot: 0, to: 'standby' });
  });

  test('once in a round', () => {
    expect(stepOf(after({ platform: withPriority }, { commanded: true }))).toMatchObject({ to: 'activate' });
    expect(stepOf(after({ platform: withPriority, commanded: true }, { commanded: true }))).toBeUndefined();
  });

  test('the one that takes over is told to push, with its epoch', () => {
    const step = stepOf(after({}, { report: standingBy }));
    expect(step).toMatchObject({ do: 'command', slot: 1, to: 'activate', epoch });
  });

  test('one that does not answer is not waited for where the ingest keeps it out', () => {
    const stream = after({ platform: withPriority }, { report: undefined });
    expect(stepOf(stream)).toMatchObject({ do: 'command', slot: 1, to: 'activate' });
  });

  test('a container that came up in the wrong role is put right', () => {
    expect(stepOf(paired({}, { report: aReport() }))).toMatchObject({ slot: 1, to: 'standby' });
    expect(stepOf(paired({ report: standingBy }))).toMatchObject({ slot: 0, to: 'activate' });
    expect(stepOf(aStream({ report: standingBy }))).toMatchObject({ slot: 0, to: 'activate' });
  });

  test('nothing, while all is as it should be', () => {
    expect(stepOf(paired())).toBeUndefined();
    expect(stepOf(after({ report: aReport() }, { report: standingBy }))).toBeUndefined();
  });
});

describe('where the ingest takes no priorities', () => {
  const unheard = { report: undefined };
  test.each<[string, Partial<Standby>]>([
    ['says that it stands by', { report: standingBy }],
    ['is gone', { pod: undefined, report: undefined }],
    ['has failed', { pod: aPod({ ...dead, phase: 'Failed' }), report: undefined }],
  ])('the next one pushes once the one before %s', (_, standby) => {
    expect(stepOf(after({}, standby))).toMatchObject({ to: 'activate' });
  });

  test.each<[string, Partial<Standby>]>([
    ['does not answer', unheard],
    ['is dead, and comes back as it was', { pod: aPod(dead), report: undefined }],
    ['is being deleted', { pod: aPod({ deleting: true }), report: undefined }],
  ])('it gets another key first where the one before %s', (_, standby) => {
    const noted = { ...handed, fenced: { epoch } };
    expect(stepOf(after({}, standby))).toEqual({ do: 'note', record: handed, noted });
    expect(stepOf(after({ record: noted }, standby))).toEqual({ do: 'fence', record: noted });
  });

  test('the key is given time to arrive, and created once for each failover', () => {
    const fenced = (of: number, when: string): StreamState =>
      after({ record: { ...handed, fenced: { epoch: of, at: when } } }, unheard);
    expect(stepOf(fenced(epoch, at(-2)))).toBeUndefined();
    expect(stepOf(fenced(epoch, at(-3)))).toMatchObject({ to: 'activate' });
    expect(stepOf(fenced(epoch - 10, at(-60)))).toMatchObject({ noted: { fenced: { epoch } } });
  });

  test('a key that was perhaps made, and perhaps not written down, is made again whatever has come since', () => {
    const begun = { ...handed, fenced: { epoch: epoch - 10 } };
    expect(stepOf(after({ record: begun }, { report: standingBy }))?.do).toBe('fence');
    expect(stepOf(after({ record: begun, report: aReport() }, { report: standingBy }))?.do).toBe('fence');
  });

  test('nobody pushes while the platform cannot be asked', () => {
    const gone = missing('PlatformNotFound', 'none');
    expect(stepOf(after({ platform: gone }, unheard))).toBeUndefined();
    expect(stepOf(after({ deferred: { failure: undefined } }, unheard))).toBeUndefined();
  });
});

describe('a second relay', () => {
  const twoRelays = { spec: { relay: { replicas: 2 } } };
  const old: RelayPodFacts = aPod({ specDigest: 'pod-0' });
  test('is there for replicas 2, and for one that is to be replaced on air', () => {
    expect(needsStandby(aStream(), anObserved(), true)).toBe(false);
    expect(needsStandby(aStream(), anObserved({ channel: twoRelays }), true)).toBe(true);
    expect(needsStandby(aStream({ pod: old }), anObserved(), true)).toBe(true);
    expect(needsStandby(aStream({ pod: old, report: waitingForHost }), anObserved(), true)).toBe(false);
  });

  test('is not there without a relay, and during a move', () => {
    expect(needsStandby(aStream(), anObserved({ channel: twoRelays }), false)).toBe(false);
    const target = { desired: found(toOther()), channel: twoRelays };
    expect(needsStandby(aStream(), anObserved(target), true)).toBe(false);
    const moving = { streams: [aStream(), anIncomingStream()], channel: twoRelays };
    expect(needsStandby(aStream(), anObserved(moving), true)).toBe(false);
  });

  test('of the new configuration takes over from one of the old', () => {
    expect(stepOf(paired({ pod: old }))).toMatchObject({ do: 'fail-over', why: { reason: 'SpecChanged' } });
    expect(stepOf(paired({ pod: old }, { pod: aPod({ specDigest: 'pod-0' }) }))).toBeUndefined();
  });

  test.each<[string, Partial<Standby> | undefined, boolean]>([
    ['that is not asked for yet is awaited', undefined, false],
    [
      'that has just been made is awaited',
      { pod: aPod({ createdAt: later(-59) }), report: undefined },
      false,
    ],
    [
      'that finds no node in a minute is not awaited: the relay is replaced where it is',
      { pod: aPod({ ...dead, createdAt: later(-61), unschedulable: 'no room' }), report: undefined },
      true,
    ],
    [
      'whose image cannot be pulled is awaited: neither could its own',
      {
        pod: aPod({ ...dead, createdAt: later(-61), waiting: { reason: 'ErrImagePull', message: '' } }),
        report: undefined,
      },
      false,
    ],
    [
      'that is going, of whatever age, is awaited',
      { pod: aPod({ deleting: true, createdAt: later(-900) }) },
      false,
    ],
    ['of the old configuration is replaced first', { pod: aPod({ specDigest: 'pod-0' }) }, false],
  ])('%s', (_, standby, inPlace) => {
    const stream = aStream({
      pod: old,
      record: standby === undefined ? aRecord() : record,
      standby: standby === undefined ? undefined : aStandby(standby),
    });
    expect(isReplacedInPlace(stream, anObserved({ streams: [stream] }), now)).toBe(inPlace);
  });

  test('is not waited for where the other slot is taken by a move, and off air', () => {
    const stream = aStream({ pod: old });
    expect(isReplacedInPlace(stream, anObserved({ streams: [stream, anIncomingStream()] }), now)).toBe(true);
    const off = aStream({ pod: old, report: waitingForHost });
    expect(isReplacedInPlace(off, anObserved({ streams: [off] }), now)).toBe(true);
  });
});
