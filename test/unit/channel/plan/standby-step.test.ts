import { describe, expect, test } from '@jest/globals';
import type { StreamStep } from '../../../../src/channel/plan/stream-step.ts';
import { found, missing, type StreamState, type Standby } from '../../../../src/channel/state.ts';
import { stepTowardsStandby } from '../../../../src/channel/plan/standby-step.ts';
import {
  aStream,
  aPod,
  aRecord,
  aReport,
  anObserved,
  aSecret,
  ingestDigestOf,
  aStandby,
  at,
  later,
  now,
  pairRecord,
  standingBy,
  toOther,
} from '../../../support/channel/channel-examples.ts';

type ObservedDifference = NonNullable<Parameters<typeof anObserved>[0]>;
const two: ObservedDifference = { channel: { spec: { relay: { replicas: 2 } } } };
const record = pairRecord();
const stepOf = (
  standby: Partial<Standby> | undefined,
  scene: ObservedDifference = two,
  stream: Partial<StreamState> = {},
  time = now,
): StreamStep | undefined => {
  const whole = aStream(standby === undefined ? stream : { record, standby: aStandby(standby), ...stream });
  return stepTowardsStandby(whole, anObserved({ streams: [whole], ...scene }), true, time);
};
const bare = { secret: undefined, secretExists: false, pod: undefined, report: undefined } as const;

describe('creating a hot standby', () => {
  test('first records its slot', () => {
    const noted = { ...aRecord(), standby: { slot: 1, since: at(0) } };
    expect(stepOf(undefined)).toEqual({ do: 'note', record: aRecord(), noted });
  });

  test.each<[string, ObservedDifference, Partial<StreamState>]>([
    ['before the first relay has a pod', two, { pod: undefined }],
    ['before the stream is known', two, { secret: undefined }],
    [
      'while the slot is being cleared',
      { ...two, unowned: [{ slot: 1, secret: true, pod: undefined, deferred: false }] },
      {},
    ],
    ['if none is required', {}, {}],
  ])('does nothing %s', (_, scene, stream) => {
    expect(stepOf(undefined, scene, stream)).toBeUndefined();
  });

  test.each<[string, Partial<Standby>, object | undefined]>([
    [
      'then creates its Secret, from the stream details of the first slot',
      bare,
      { do: 'refresh-secret', slot: 1, why: 'slot' },
    ],
    ['then creates its pod', { pod: undefined, report: undefined }, { do: 'create-pod', slot: 1 }],
    ['then does nothing', {}, undefined],
    [
      'updates both Secrets with a new key',
      { secret: aSecret({ ...standbySecret(), ingestDigest: ingestDigestOf('old key') }) },
      { why: 'slot' },
    ],
    [
      'does not update the Secret of a relay that may still push, to fence it',
      { secret: aSecret({ ...standbySecret(), ingestDigest: ingestDigestOf('old key') }), report: undefined },
      undefined,
    ],
    [
      'updates both Secrets with a new stream',
      { secret: aSecret({ ...standbySecret(), ingestDigest: ingestDigestOf('s-0') }) },
      { why: 'slot' },
    ],
    [
      'writes a new role for the next start',
      { secret: aSecret({ ...standbySecret(), configDigest: 'config-0' }) },
      { do: 'refresh-secret', slot: 1, why: 'configuration' },
    ],
    [
      'notifies it of a new Secret',
      { pod: aPod({ secretRevision: 'revision-0' }) },
      { do: 'announce-secret', slot: 1 },
    ],
    [
      'replaces it at once, because no viewer depends on it',
      { pod: aPod({ specDigest: 'pod-0' }) },
      { do: 'delete-pod', slot: 1 },
    ],
    [
      'does not retry in a reconcile in which a step has failed',
      { ...bare, deferred: { failure: undefined } },
      undefined,
    ],
  ])('%s', (_, standby, expected) => {
    const step = stepOf(standby);
    if (expected === undefined) expect(step).toBeUndefined();
    else expect(step).toMatchObject(expected);
  });

  test('renews its token in time', () => {
    expect(stepOf({}, two, {}, later(3_540))).toMatchObject({ do: 'refresh-secret', slot: 1, why: 'token' });
  });

  test('does nothing while the platform is missing', () => {
    expect(stepOf(bare, two, { platform: missing('PlatformNotFound', 'none') })).toBeUndefined();
  });
});

/** As in the examples for slot 1. */
function standbySecret(): Partial<Parameters<typeof aSecret>[0]> {
  return aStandby().secret ?? {};
}

describe('removing a standby', () => {
  test.each<[string, Partial<Standby>, object | undefined]>([
    ['deletes its pod', {}, { do: 'delete-pod', slot: 1 }],
    ['waits until the pod is gone', { pod: aPod({ deleting: true }) }, undefined],
    ['then deletes its Secret', { pod: undefined }, { do: 'delete-secret', slot: 1 }],
    ['then removes its record', bare, { do: 'note', noted: aRecord() }],
  ])('%s', (_, standby, expected) => {
    const step = stepOf(standby, {});
    if (expected === undefined) expect(step).toBeUndefined();
    else expect(step).toMatchObject(expected);
  });

  test('removes a replaced relay once the new one pushes', () => {
    const failedOver = aRecord({ slot: 1, standby: { slot: 0, since: at(0) } });
    const stream = (report = aReport()): Partial<StreamState> => ({
      record: failedOver,
      report,
      standby: aStandby({ slot: 0 }),
    });
    expect(stepOf({}, {}, stream(standingBy))).toBeUndefined();
    expect(stepOf({}, {}, stream())).toMatchObject({ do: 'delete-pod', slot: 0 });
  });

  test('frees its slot for a migration', () => {
    expect(stepOf({}, { ...two, desired: found(toOther()) })).toMatchObject({ do: 'delete-pod', slot: 1 });
  });
});
