import { describe, expect, test } from '@jest/globals';
import {
  stepTowardsNothing,
  stepTowardsStream,
  type StreamStep,
} from '../../../../src/channel/plan/stream-step.ts';
import { found, missing, type StreamState } from '../../../../src/channel/state.ts';
import {
  aStream,
  aPod,
  aRecord,
  anObserved,
  aSecret,
  at,
  bare,
  credentials,
  later,
  now,
  waitingForHost,
  withoutId,
  withoutSlot,
} from '../../../support/channel/channel-examples.ts';

type ObservedDifference = NonNullable<Parameters<typeof anObserved>[0]>;

function stepOf(
  stream: Partial<StreamState>,
  scene: ObservedDifference = {},
  time = now,
  relay = true,
): unknown {
  return stepTowardsStream(aStream(stream), anObserved(scene), relay, time);
}

const record = aRecord();
const unnamed = withoutId(record);
const noPlatform = missing('PlatformNotFound', 'none');
const noCredentials = missing('CredentialsNotFound', 'none');
const dead = { running: false, ready: false } as const;
const gaveUp = {
  ...dead,
  ended: { exitCode: 3, reason: 'Error', message: '{"reason":"AgoraTokenRejected","message":"no"}' },
};

describe('on the way to on air', () => {
  test.each<[string, Partial<StreamState>, StreamStep | undefined]>([
    [
      'first the stream and its Secret',
      { record: unnamed, ...bare },
      { do: 'ensure-stream', record: unnamed },
    ],
    ['then the pod', { pod: undefined, report: undefined }, { do: 'create-pod', record, slot: 0 }],
    ['then there is nothing to do', { report: undefined }, undefined],
    ['nothing is done while the host is away', { report: waitingForHost }, undefined],
    ['nothing is done on air', {}, undefined],
    [
      'a Secret that was deleted, or lacks something, is made anew',
      { secret: undefined, secretExists: true },
      { do: 'ensure-stream', record },
    ],
    [
      'a Secret that leads to another stream of the slot’s past is made anew',
      { secret: aSecret({ platform: 'other', streamName: 'lc-other' }) },
      { do: 'ensure-stream', record },
    ],
    [
      'so is one of the same platform with other playback options',
      { secret: aSecret({ streamName: 'lc-low-latency' }) },
      { do: 'ensure-stream', record },
    ],
    [
      'a Secret is not believed before the record has the id: the stream may be another by now',
      { record: unnamed },
      { do: 'ensure-stream', record: unnamed },
    ],
    [
      'a Secret of another stream than the recorded one is made anew',
      { secret: aSecret({ streamId: 's-0' }) },
      { do: 'ensure-stream', record },
    ],
    ['a stream of which nothing is known is left alone', { presence: 'unknown' }, undefined],
    ['so is one that is there', { presence: 'exists' }, undefined],
  ])('%s', (_, stream, expected) => {
    expect(stepOf(stream)).toEqual(expected);
  });

  test('of a stream that vanished first the id is forgotten, and the wish for another is a new one', () => {
    const step = stepTowardsStream(aStream({ presence: 'gone' }), anObserved(), true, now);
    expect(step).toEqual({
      do: 'note',
      record,
      noted: { ...unnamed, attempt: expect.any(String) as unknown },
    });
    if (step?.do !== 'note') throw new Error('no note');
    expect(step.noted?.attempt).toMatch(/^[a-z0-9-]{1,64}$/);
    expect(step.noted?.attempt).not.toBe(record.attempt);
    const noted = step.noted ?? record;
    expect(stepOf({ presence: 'gone', record: noted })).toEqual({ do: 'ensure-stream', record: noted });
  });
});

describe('the pod', () => {
  test.each<[string, NonNullable<Parameters<typeof aPod>[0]>, object | undefined]>([
    ['that is going is waited for, because its name is taken', { deleting: true }, undefined],
    [
      'that failed is deleted, with the reason that it left',
      {
        ...dead,
        phase: 'Failed',
        ended: { exitCode: 1, reason: 'Error', message: '{"reason":"BrowserCrashed","message":"gone"}' },
      },
      { do: 'delete-pod', slot: 0, reason: 'BrowserCrashed', message: 'gone' },
    ],
    [
      'that was evicted is deleted',
      { ...dead, phase: 'Failed', reason: 'Evicted', message: 'memory pressure' },
      { do: 'delete-pod', reason: 'Evicted', message: 'memory pressure' },
    ],
    [
      'that was made from something else stays on air until its successor is ready',
      { specDigest: 'pod-0' },
      undefined,
    ],
    ['that restarts by itself is left to the kubelet', { ...dead, restartCount: 3 }, undefined],
    [
      'with an older Secret is told of the new one',
      { secretRevision: 'revision-0' },
      { do: 'announce-secret' },
    ],
    [
      'that gave up on an older Secret is started afresh with the new one',
      { ...gaveUp, secretRevision: 'revision-0' },
      { do: 'delete-pod', reason: 'AgoraTokenRejected', message: 'Retrying with a new Secret: no' },
    ],
    ['that gave up on what it still has is not started again and again', gaveUp, undefined],
    [
      'that fell over for a moment is told of the new Secret and not replaced',
      { ...dead, secretRevision: 'revision-0', ended: { exitCode: 1, reason: 'Error', message: '' } },
      { do: 'announce-secret' },
    ],
  ])('%s', (_, pod, expected) => {
    const step = stepOf({ pod: aPod(pod) });
    if (expected === undefined) expect(step).toBeUndefined();
    else expect(step).toMatchObject(expected);
  });
});

describe('the Secret', () => {
  const refresh = (why: 'token' | 'configuration'): StreamStep => ({
    do: 'refresh-secret',
    record,
    slot: 0,
    why,
  });
  test.each<[string, Partial<StreamState>, ObservedDifference, Date, StreamStep | undefined]>([
    ['keeps its token for half of its life', {}, {}, later(3_539), undefined],
    ['gets a new token at half of its life', {}, {}, later(3_540), refresh('token')],
    [
      'gets a new token with new credentials',
      {},
      { credentials: found({ ...credentials, digest: 'credentials-2' }) },
      now,
      refresh('token'),
    ],
    [
      'gets a new token for another Agora channel',
      {},
      { channel: { spec: { agora: { channelName: 'other', credentialsRef: { name: 'agora' } } } } },
      now,
      refresh('token'),
    ],
    [
      'gets a token of its own slot: the uids of two relays differ',
      { record: aRecord({ slot: 1 }) },
      {},
      now,
      { do: 'refresh-secret', record: aRecord({ slot: 1 }), slot: 1, why: 'token' },
    ],
    [
      'gets a new configuration',
      { secret: aSecret({ configDigest: 'config-0' }) },
      {},
      now,
      refresh('configuration'),
    ],
  ])('%s', (_, stream, scene, time, expected) => {
    expect(stepOf(stream, scene, time)).toEqual(expected);
  });

  test('without a relay is made, and then left alone until there is one', () => {
    const away = { pod: undefined, report: undefined };
    expect(stepOf(away, {}, later(7_000), false)).toBeUndefined();
    expect(stepOf({ ...away, secret: undefined }, {}, now, false)).toMatchObject({ do: 'ensure-stream' });
  });
});

describe('another key', () => {
  const asked = { channel: { rotateKey: 'leaked' } };
  const rotated = aRecord({ rotated: 'leaked' });
  test('is made when the annotation asks for it, once for each value', () => {
    expect(stepOf({}, asked)).toEqual({ do: 'rotate-key', record, requested: 'leaked' });
    expect(stepOf({ record: rotated }, asked)).toBeUndefined();
    expect(stepOf({ record: rotated }, { channel: { rotateKey: 'again' } })).toMatchObject({
      requested: 'again',
    });
  });

  test('is not made when the annotation goes', () => {
    expect(stepOf({ record: rotated })).toBeUndefined();
  });

  test('is made for a suspended channel, too', () => {
    expect(stepOf({ pod: undefined }, asked, now, false)).toMatchObject({ do: 'rotate-key' });
  });

  test('waits for the stream', () => {
    expect(stepOf({ record: unnamed, ...bare }, asked)).toMatchObject({ do: 'ensure-stream' });
  });
});

describe('nothing is tried', () => {
  const nothing = { secret: undefined, pod: undefined };
  test.each<[string, Partial<StreamState>, ObservedDifference]>([
    ['while the platform is missing', { platform: noPlatform }, {}],
    ['while the credentials are missing', {}, { credentials: noCredentials }],
    ['again on a stream on which something failed in this round', { deferred: { failure: undefined } }, {}],
    ['on a stream that no relay pushes to any more', { record: withoutSlot(record) }, {}],
  ])('%s', (_, stream, scene) => {
    expect(stepOf(stream, scene)).toBeUndefined();
    expect(stepOf({ ...stream, ...nothing }, scene)).toBeUndefined();
    expect(stepOf({ ...stream, presence: 'gone' }, scene)).toBeUndefined();
  });
});

describe('towards nothing', () => {
  const why = { reason: 'Deleting', message: 'why' } as const;
  const down = (stream: Partial<StreamState>, keep = false): StreamStep | undefined =>
    stepTowardsNothing(aStream(stream), why, keep);
  const old = aRecord({ role: 'draining', until: at(0) });

  test.each<[string, StreamStep | undefined, object | undefined]>([
    [
      'the relay goes first, so that the broadcast ends properly',
      down({}),
      { do: 'delete-pod', slot: 0, ...why },
    ],
    ['it is waited for', down({ pod: aPod({ deleting: true }) }), undefined],
    ['then the Secret goes', down({ pod: undefined }), { do: 'delete-secret', slot: 0 }],
    [
      'also one that cannot be read',
      down({ pod: undefined, secret: undefined, secretExists: true }),
      { do: 'delete-secret', slot: 0 },
    ],
    ['then the stream', down(bare), { do: 'delete-stream', record }],
    [
      'also one whose id was never learned',
      down({ record: unnamed, ...bare }),
      { do: 'delete-stream', record: unnamed },
    ],
    [
      'an old one gives its slot back first, however long its platform takes',
      down({ record: old, ...bare }),
      { do: 'note', record: old, noted: withoutSlot(old) },
    ],
    [
      'then goes',
      down({ record: withoutSlot(old), ...bare }),
      { do: 'delete-stream', record: withoutSlot(old) },
    ],
    ['one that is kept loses its relay', down({}, true), { do: 'delete-pod' }],
    ['and its Secret', down({ pod: undefined }, true), { do: 'delete-secret' }],
    ['and no more', down(bare, true), undefined],
    [
      'nothing is tried again in a round in which it failed',
      down({ deferred: { failure: undefined } }),
      undefined,
    ],
    [
      'platform and credentials need not be there',
      down({ platform: noPlatform, ...bare }),
      { do: 'delete-stream' },
    ],
  ])('%s', (_, step, expected) => {
    if (expected === undefined) expect(step).toBeUndefined();
    else expect(step).toMatchObject(expected);
  });
});
