import { describe, expect, test } from '@jest/globals';
import { nextStep, type Step } from '../../../../src/channel/plan/next-step.ts';
import { found, missing, type StreamState, type UnownedChildren } from '../../../../src/channel/state.ts';
import {
  aLane,
  aNextLane,
  aPod,
  aRecord,
  aScene,
  at,
  bare,
  later,
  now,
  policy,
  toOther,
  withoutId,
  withoutSlot,
} from '../examples.ts';

type SceneDifference = NonNullable<Parameters<typeof aScene>[0]>;

const stepOf = (scene: SceneDifference, time = now): Step => nextStep(aScene(scene), policy, time);

const record = aRecord();
const rest: Step = { do: 'rest' };
const noPlatform = missing('PlatformNotFound', 'none');
const noCredentials = missing('CredentialsNotFound', 'none');
const suspended = { spec: { suspend: true } };
const agoraOnly = { spec: { streamMode: 'agora-only' } };
const deleting = { deleting: true };
const going = aPod({ deleting: true });
const held = { failure: undefined };
const moving = { target: found(toOther()) };
const loose = (difference: Partial<UnownedChildren> = {}): UnownedChildren => ({
  slot: 1,
  secret: true,
  pod: aPod({ name: 'show-relay-1', slot: 1 }),
  deferred: false,
  ...difference,
});
const old = (difference: Partial<StreamState> = {}): StreamState =>
  aLane({ record: aRecord({ role: 'old', until: at(20) }), ...difference });
const served = aNextLane({ record: { ...aNextLane().record, role: 'serving' } });

describe('from nothing to on air', () => {
  test.each<[string, SceneDifference, object]>([
    [
      'first the finalizer and what will be made are recorded',
      { streams: [], channel: { finalizers: [] } },
      { do: 'record', records: [{ role: 'serving', platform: 'origin', name: 'lc-origin', slot: 0 }] },
    ],
    [
      'then the stream and its Secret are made',
      { streams: [aLane({ record: withoutId(record), ...bare })] },
      { do: 'ensure-stream' },
    ],
    [
      'then the pod is made',
      { streams: [aLane({ pod: undefined, report: undefined })] },
      { do: 'create-pod' },
    ],
    ['then there is nothing to do', {}, rest],
    [
      'a finalizer that somebody took off is put back, and the streams stay known',
      { channel: { finalizers: ['other/finalizer'] } },
      { do: 'record', records: [record] },
    ],
  ])('%s', (_, scene, expected) => {
    expect(stepOf(scene)).toMatchObject(expected);
  });
});

describe('what is on air stays on air', () => {
  test.each<[string, SceneDifference]>([
    ['while its platform is missing', { desired: noPlatform, streams: [aLane({ platform: noPlatform })] }],
    ['while its credentials are missing', { credentials: noCredentials }],
    [
      'after an action on the channel failed',
      { failure: { part: 'relay', reason: 'PodCreateFailed', message: '' } },
    ],
    [
      'with a new platform that does not exist',
      { channel: { spec: { platformRef: { name: 'x' } } }, desired: noPlatform },
    ],
    [
      'while the platform that it should be on is full',
      {
        desired: found(toOther({ refused: { reason: 'QuotaExceeded', message: 'full' } })),
      },
    ],
  ])('%s', (_, scene) => {
    expect(stepOf(scene)).toEqual(rest);
  });
});

describe('a channel that moves', () => {
  const next = aNextLane();
  test.each<[string, SceneDifference, object]>([
    ['first records what it will have', moving, { do: 'record', records: [record, { role: 'next' }] }],
    [
      'then makes the other stream',
      { ...moving, streams: [aLane(), aNextLane({ record: withoutId(next.record), ...bare })] },
      { do: 'ensure-stream', record: { role: 'next' } },
    ],
    [
      'then the other relay',
      { ...moving, streams: [aLane(), aNextLane({ pod: undefined, report: undefined })] },
      { do: 'create-pod', slot: 1 },
    ],
    ['then waits until that one plays', { ...moving, streams: [aLane(), next] }, rest],
    [
      'then sends viewers there',
      { ...moving, streams: [aLane(), aNextLane({ playable: true })] },
      { do: 'record', records: [{ role: 'old' }, { role: 'serving' }], news: { reason: 'Moved' } },
    ],
    ['lets the old one drain', { ...moving, streams: [old(), served] }, rest],
    [
      'looks after the serving one while something is wrong with the next',
      {
        ...moving,
        streams: [aLane({ pod: aPod({ secretRevision: 'older' }) }), { ...next, deferred: held }],
      },
      { do: 'announce-secret', record },
    ],
    [
      'brings up the next one while something is wrong with the serving one',
      { ...moving, streams: [aLane({ deferred: held }), aNextLane({ pod: undefined, report: undefined })] },
      { do: 'create-pod', slot: 1 },
    ],
  ])('%s', (_, scene, expected) => {
    expect(stepOf(scene)).toMatchObject(expected);
  });

  test.each<[string, Partial<StreamState>, object]>([
    ['its relay', {}, { do: 'delete-pod', slot: 0, reason: 'Moved' }],
    ['its Secret', { pod: undefined }, { do: 'delete-secret', slot: 0 }],
    ['its slot', bare, { do: 'note', noted: withoutSlot(old().record) }],
    ['itself', { record: withoutSlot(old().record), ...bare }, { do: 'delete-stream' }],
  ])('takes the old one down after its time: %s', (_, lane, expected) => {
    expect(stepOf({ ...moving, streams: [old(lane), served] }, later(20))).toMatchObject(expected);
  });

  test('is at rest though the old stream cannot be deleted for now', () => {
    expect(stepOf({ ...moving, streams: [old({ ...bare, deferred: held }), served] }, later(20))).toEqual(
      rest,
    );
  });
});

describe('taken off air', () => {
  const stop = { do: 'delete-pod', slot: 0, reason: 'Suspended', message: 'spec.suspend is true' };
  test.each<[string, SceneDifference, object]>([
    ['by suspend: the pod goes', { channel: suspended }, stop],
    [
      'by suspend: a pod that is going is waited for',
      { channel: suspended, streams: [aLane({ pod: going })] },
      rest,
    ],
    [
      'by suspend: the stream and its Secret stay',
      { channel: suspended, streams: [aLane({ pod: undefined, report: undefined })] },
      rest,
    ],
    ['by suspend, also while the platform is out', { channel: suspended, desired: noPlatform }, stop],
    [
      'by suspend in the middle of a move: both relays go',
      { channel: suspended, ...moving, streams: [aLane({ pod: going }), aNextLane()] },
      { do: 'delete-pod', slot: 1, reason: 'Suspended' },
    ],
    ['by suspend while an old one is drained: that too', { channel: suspended, streams: [old()] }, stop],
    [
      'by agora-only: the pod goes first',
      { channel: agoraOnly },
      { do: 'delete-pod', reason: 'RelayStopped', message: 'streamMode needs no relay' },
    ],
    [
      'by agora-only: then the Secret',
      { channel: agoraOnly, streams: [aLane({ pod: undefined })] },
      { do: 'delete-secret' },
    ],
    [
      'by agora-only: then the stream',
      { channel: agoraOnly, streams: [aLane(bare)] },
      { do: 'delete-stream', record },
    ],
    [
      'by agora-only: the next and the old one likewise',
      { channel: agoraOnly, streams: [aLane({ ...bare, deferred: held }), aNextLane()] },
      { do: 'delete-pod', slot: 1 },
    ],
    ['by agora-only: then there is nothing to do', { channel: agoraOnly, streams: [] }, rest],
    [
      'a channel suspended from the start still gets its stream',
      { channel: { ...suspended, finalizers: [] }, streams: [] },
      { do: 'record', records: [{ role: 'serving' }] },
    ],
  ])('%s', (_, scene, expected) => {
    expect(stepOf(scene)).toMatchObject(expected);
  });
});

describe('children in a slot that no stream is in', () => {
  test.each<[string, Partial<UnownedChildren>, object]>([
    ['lose the pod first', {}, { do: 'delete-pod', slot: 1 }],
    ['wait for it', { pod: going }, rest],
    ['then the Secret', { pod: undefined }, { do: 'delete-secret', slot: 1 }],
    ['are left alone for a round in which that failed', { deferred: true }, rest],
  ])('%s', (_, difference, expected) => {
    expect(stepOf({ unowned: [loose(difference)] })).toMatchObject(expected);
    expect(
      stepOf({ unowned: [loose(difference)], channel: suspended, streams: [aLane({ pod: undefined })] }),
    ).toMatchObject(expected);
  });

  test('must be gone before the channel is let go', () => {
    expect(stepOf({ channel: deleting, streams: [], unowned: [loose()] })).toMatchObject({
      do: 'delete-pod',
    });
    expect(stepOf({ channel: deleting, streams: [], unowned: [loose({ pod: going })] })).toEqual(rest);
  });
});

describe('deletion', () => {
  const retaining = { deleting: true, spec: { deletionPolicy: 'Retain' } };
  const down = { do: 'delete-pod', reason: 'Deleting', message: 'The channel is being deleted' };
  test.each<[string, SceneDifference, object]>([
    ['ends the relay first, so that the broadcast ends properly', { channel: deleting }, down],
    ['waits for it', { channel: deleting, streams: [aLane({ pod: going })] }, rest],
    [
      'then deletes the Secret',
      { channel: deleting, streams: [aLane({ pod: undefined })] },
      { do: 'delete-secret' },
    ],
    ['then the stream', { channel: deleting, streams: [aLane(bare)] }, { do: 'delete-stream', record }],
    [
      'then the stream whose id was never learned',
      { channel: deleting, streams: [aLane({ record: withoutId(record), ...bare })] },
      { do: 'delete-stream', record: withoutId(record) },
    ],
    ['then lets the channel go', { channel: deleting, streams: [] }, { do: 'release' }],
    [
      'does not wait for the end of a drain',
      { channel: deleting, streams: [old(bare)] },
      { do: 'note', noted: withoutSlot(old().record) },
    ],
    [
      'takes every stream of a move along',
      { channel: deleting, streams: [aLane({ ...bare, deferred: held }), aNextLane(bare)] },
      { do: 'delete-stream', record: { role: 'next' } },
    ],
    [
      'waits while one cannot be deleted',
      { channel: deleting, streams: [aLane({ ...bare, deferred: held })] },
      rest,
    ],
    [
      'keeps the serving stream where the policy says so',
      { channel: retaining, streams: [aLane(bare)] },
      { do: 'release' },
    ],
    [
      'keeps no other one',
      { channel: retaining, streams: [aLane(bare), aNextLane(bare)] },
      { do: 'delete-stream', record: { role: 'next' } },
    ],
    [
      'keeps it until its relay is gone',
      { channel: retaining, streams: [aLane({ ...bare, pod: going })] },
      rest,
    ],
    [
      'keeps it until its Secret is gone',
      { channel: retaining, streams: [aLane({ ...bare, secretExists: true, deferred: held })] },
      rest,
    ],
    [
      'goes on without platform and credentials',
      {
        channel: deleting,
        streams: [aLane({ pod: undefined })],
        desired: noPlatform,
        credentials: noCredentials,
      },
      { do: 'delete-secret' },
    ],
    [
      'is nothing to us when our finalizer is not there',
      { channel: { deleting: true, finalizers: ['other/finalizer'] } },
      rest,
    ],
    [
      'of a channel that never had a stream lets it go',
      { channel: { deleting: true, ...agoraOnly }, streams: [] },
      { do: 'release' },
    ],
  ])('%s', (_, scene, expected) => {
    expect(stepOf(scene)).toMatchObject(expected);
  });
});
