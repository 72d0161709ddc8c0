import { describe, expect, test } from '@jest/globals';
import {
  stepTowardsNothing,
  stepTowardsStream,
  type StreamStep,
} from '../../../../src/channel/plan/stream-step.ts';
import { found, missing, type StreamState } from '../../../../src/channel/state.ts';
import {
  aStream,
  aPassedToken,
  aPod,
  aRecord,
  anObserved,
  aSecret,
  ingestDigestOf,
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

describe('from nothing to on air', () => {
  test.each<[string, Partial<StreamState>, StreamStep | undefined]>([
    [
      'creates the stream and its Secret first',
      { record: unnamed, ...bare },
      { do: 'ensure-stream', record: unnamed },
    ],
    ['then creates the pod', { pod: undefined, report: undefined }, { do: 'create-pod', record, slot: 0 }],
    ['then does nothing', { report: undefined }, undefined],
    ['does nothing while the host is away', { report: waitingForHost }, undefined],
    ['does nothing on air', {}, undefined],
    [
      'recreates a Secret that was deleted or is incomplete',
      { secret: undefined, secretExists: true },
      { do: 'ensure-stream', record },
    ],
    [
      'recreates a Secret of a stream that was in the slot before',
      { secret: aSecret({ ingestDigest: ingestDigestOf('s-of-other') }) },
      { do: 'ensure-stream', record },
    ],
    [
      'recreates a Secret while the record has no id, because the stream may be another one now',
      { record: unnamed },
      { do: 'ensure-stream', record: unnamed },
    ],
    [
      'recreates a Secret that was edited',
      { secret: aSecret({ ingestDigest: ingestDigestOf('edited') }) },
      { do: 'ensure-stream', record },
    ],
    ['leaves a stream of unknown presence alone', { presence: 'unknown' }, undefined],
    ['leaves an existing stream alone', { presence: 'exists' }, undefined],
  ])('%s', (_, stream, expected) => {
    expect(stepOf(stream)).toEqual(expected);
  });

  test('first removes the id of a vanished stream, with a new attempt', () => {
    const step = stepTowardsStream(aStream({ presence: 'gone' }), anObserved(), true, now);
    expect(step).toEqual({
      do: 'note',
      record,
      noted: { ...unnamed, attempt: expect.any(String) as unknown },
    });
    if (step?.do !== 'note') throw new Error('no step');
    expect(step.noted?.attempt).toMatch(/^[a-z0-9-]{1,64}$/);
    expect(step.noted?.attempt).not.toBe(record.attempt);
    const noted = step.noted ?? record;
    expect(stepOf({ presence: 'gone', record: noted })).toEqual({ do: 'ensure-stream', record: noted });
  });
});

describe('the pod', () => {
  test.each<[string, NonNullable<Parameters<typeof aPod>[0]>, object | undefined]>([
    ['is waited for while it is being deleted, because its name is in use', { deleting: true }, undefined],
    [
      'is deleted when it has failed, with the reason that it reported',
      {
        ...dead,
        phase: 'Failed',
        ended: { exitCode: 1, reason: 'Error', message: '{"reason":"BrowserCrashed","message":"gone"}' },
      },
      { do: 'delete-pod', slot: 0, reason: 'BrowserCrashed', message: 'gone' },
    ],
    [
      'is deleted when it was evicted',
      { ...dead, phase: 'Failed', reason: 'Evicted', message: 'memory pressure' },
      { do: 'delete-pod', reason: 'Evicted', message: 'memory pressure' },
    ],
    [
      'with an old configuration stays on air until its successor is ready',
      { specDigest: 'pod-0' },
      undefined,
    ],
    ['is left to the kubelet while it restarts', { ...dead, restartCount: 3 }, undefined],
    [
      'with an older Secret is notified of the new one',
      { secretRevision: 'revision-0' },
      { do: 'announce-secret' },
    ],
    [
      'is replaced when it gave up with an older Secret',
      { ...gaveUp, secretRevision: 'revision-0' },
      { do: 'delete-pod', reason: 'AgoraTokenRejected', message: 'Retrying with a new Secret: no' },
    ],
    ['is not replaced repeatedly when it gave up with the current Secret', gaveUp, undefined],
    [
      'is notified of the new Secret and not replaced after a retryable fault',
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
    ['keeps its token for half of its lifetime', {}, {}, later(3_539), undefined],
    ['gets a new token after half of its lifetime', {}, {}, later(3_540), refresh('token')],
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
      'gets a token for its own slot, because the uids of the two relays differ',
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

  test('gets the new token that the app passed, and keeps it however old it is', () => {
    const passed = { ...credentials, token: aPassedToken({ expiresAt: later(60) }) };
    expect(stepOf({}, { credentials: found(passed) }, later(7_000))).toBeUndefined();
    const renewed = found({ ...passed, digest: 'renewed' });
    expect(stepOf({}, { credentials: renewed })).toEqual(refresh('token'));
  });

  test('is created without a relay, and then left alone until there is one', () => {
    const away = { pod: undefined, report: undefined };
    expect(stepOf(away, {}, later(7_000), false)).toBeUndefined();
    expect(stepOf({ ...away, secret: undefined }, {}, now, false)).toMatchObject({ do: 'ensure-stream' });
  });
});

describe('key rotation', () => {
  const rotation = { channel: { rotateKey: 'leaked' } };
  const rotated = aRecord({ rotated: 'leaked' });
  test('happens once for each value of the annotation', () => {
    expect(stepOf({}, rotation)).toEqual({ do: 'rotate-key', record, requested: 'leaked' });
    expect(stepOf({ record: rotated }, rotation)).toBeUndefined();
    expect(stepOf({ record: rotated }, { channel: { rotateKey: 'again' } })).toMatchObject({
      requested: 'again',
    });
  });

  test('does not happen when the annotation is removed', () => {
    expect(stepOf({ record: rotated })).toBeUndefined();
  });

  test('happens also for a suspended channel', () => {
    expect(stepOf({ pod: undefined }, rotation, now, false)).toMatchObject({ do: 'rotate-key' });
  });

  test('waits for the stream', () => {
    expect(stepOf({ record: unnamed, ...bare }, rotation)).toMatchObject({ do: 'ensure-stream' });
  });
});

describe('no step is taken', () => {
  const nothing = { secret: undefined, pod: undefined };
  test.each<[string, Partial<StreamState>, ObservedDifference]>([
    ['while the platform is missing', { platform: noPlatform }, {}],
    ['while the credentials are missing', {}, { credentials: noCredentials }],
    ['on a stream on which a step has failed in this reconcile', { deferred: { failure: undefined } }, {}],
    ['on a stream that no relay pushes to any longer', { record: withoutSlot(record) }, {}],
  ])('%s', (_, stream, scene) => {
    expect(stepOf(stream, scene)).toBeUndefined();
    expect(stepOf({ ...stream, ...nothing }, scene)).toBeUndefined();
    expect(stepOf({ ...stream, presence: 'gone' }, scene)).toBeUndefined();
  });
});

describe('removing a stream', () => {
  const why = { reason: 'Deleting', message: 'why' } as const;
  const down = (stream: Partial<StreamState>, keep = false): StreamStep | undefined =>
    stepTowardsNothing(aStream(stream), why, keep);
  const old = aRecord({ role: 'draining', until: at(0) });

  test.each<[string, StreamStep | undefined, object | undefined]>([
    [
      'deletes the relay first, so that the broadcast ends properly',
      down({}),
      { do: 'delete-pod', slot: 0, ...why },
    ],
    ['waits until the relay is gone', down({ pod: aPod({ deleting: true }) }), undefined],
    ['then deletes the Secret', down({ pod: undefined }), { do: 'delete-secret', slot: 0 }],
    [
      'also deletes a Secret that cannot be read',
      down({ pod: undefined, secret: undefined, secretExists: true }),
      { do: 'delete-secret', slot: 0 },
    ],
    ['then deletes the stream', down(bare), { do: 'delete-stream', record }],
    [
      'also deletes a stream whose id is not known',
      down({ record: unnamed, ...bare }),
      { do: 'delete-stream', record: unnamed },
    ],
    [
      'frees the slot of a draining stream first, however long its platform takes',
      down({ record: old, ...bare }),
      { do: 'note', record: old, noted: withoutSlot(old) },
    ],
    [
      'then deletes the draining stream',
      down({ record: withoutSlot(old), ...bare }),
      { do: 'delete-stream', record: withoutSlot(old) },
    ],
    ['deletes the relay of a retained stream', down({}, true), { do: 'delete-pod' }],
    ['deletes the Secret of a retained stream', down({ pod: undefined }, true), { do: 'delete-secret' }],
    ['keeps the retained stream', down(bare, true), undefined],
    [
      'does not retry in a reconcile in which a step has failed',
      down({ deferred: { failure: undefined } }),
      undefined,
    ],
    [
      'works without platform and credentials',
      down({ platform: noPlatform, ...bare }),
      { do: 'delete-stream' },
    ],
  ])('%s', (_, step, expected) => {
    if (expected === undefined) expect(step).toBeUndefined();
    else expect(step).toMatchObject(expected);
  });
});
