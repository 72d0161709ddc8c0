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

describe('towards a hot standby', () => {
  test('its slot is noted first', () => {
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
    ['where none is asked for', {}, {}],
  ])('not %s', (_, scene, stream) => {
    expect(stepOf(undefined, scene, stream)).toBeUndefined();
  });

  test.each<[string, Partial<Standby>, object | undefined]>([
    ['then its Secret, from what the first one holds', bare, { do: 'refresh-secret', slot: 1, why: 'slot' }],
    ['then its pod', { pod: undefined, report: undefined }, { do: 'create-pod', slot: 1 }],
    ['then there is nothing to do', {}, undefined],
    [
      'a new key is for both',
      { secret: aSecret({ ...spareSecret(), streamKeyId: 'key-0' }) },
      { why: 'slot' },
    ],
    [
      'but not for one that may still push: it is to be kept out',
      { secret: aSecret({ ...spareSecret(), streamKeyId: 'key-0' }), report: undefined },
      undefined,
    ],
    ['a new stream is for both', { secret: aSecret({ ...spareSecret(), streamId: 's-0' }) }, { why: 'slot' }],
    [
      'what it is to be is written for when it starts again',
      { secret: aSecret({ ...spareSecret(), configDigest: 'config-0' }) },
      { do: 'refresh-secret', slot: 1, why: 'configuration' },
    ],
    [
      'it is told of a new Secret',
      { pod: aPod({ secretRevision: 'revision-0' }) },
      { do: 'announce-secret', slot: 1 },
    ],
    [
      'it is replaced at once: nobody watches it',
      { pod: aPod({ specDigest: 'pod-0' }) },
      { do: 'delete-pod', slot: 1 },
    ],
    [
      'nothing is tried again in a round in which something failed',
      { ...bare, deferred: { failure: undefined } },
      undefined,
    ],
  ])('%s', (_, standby, expected) => {
    const step = stepOf(standby);
    if (expected === undefined) expect(step).toBeUndefined();
    else expect(step).toMatchObject(expected);
  });

  test('its token is renewed in time', () => {
    expect(stepOf({}, two, {}, later(3_540))).toMatchObject({ do: 'refresh-secret', slot: 1, why: 'token' });
  });

  test('nothing is done while the platform is missing', () => {
    expect(stepOf(bare, two, { platform: missing('PlatformNotFound', 'none') })).toBeUndefined();
  });
});

/** As examples have it for slot 1. */
function spareSecret(): Partial<Parameters<typeof aSecret>[0]> {
  return aStandby().secret ?? {};
}

describe('towards no standby', () => {
  test.each<[string, Partial<Standby>, object | undefined]>([
    ['its pod goes', {}, { do: 'delete-pod', slot: 1 }],
    ['and is waited for', { pod: aPod({ deleting: true }) }, undefined],
    ['then its Secret', { pod: undefined }, { do: 'delete-secret', slot: 1 }],
    ['then nothing is noted of it', bare, { do: 'note', noted: aRecord() }],
  ])('%s', (_, standby, expected) => {
    const step = stepOf(standby, {});
    if (expected === undefined) expect(step).toBeUndefined();
    else expect(step).toMatchObject(expected);
  });

  test('one that was replaced goes once the other one pushes', () => {
    const handed = aRecord({ slot: 1, standby: { slot: 0, since: at(0) } });
    const stream = (report = aReport()): Partial<StreamState> => ({
      record: handed,
      report,
      standby: aStandby({ slot: 0 }),
    });
    expect(stepOf({}, {}, stream(standingBy))).toBeUndefined();
    expect(stepOf({}, {}, stream())).toMatchObject({ do: 'delete-pod', slot: 0 });
  });

  test('a move needs its slot', () => {
    expect(stepOf({}, { ...two, desired: found(toOther()) })).toMatchObject({ do: 'delete-pod', slot: 1 });
  });
});
