import { describe, expect, test } from '@jest/globals';
import { nextStep, type Step } from '../../../../src/channel/plan/next-step.ts';
import { found, missing, type StreamState, type UnownedChildren } from '../../../../src/channel/state.ts';
import {
  aStream,
  anIncomingStream,
  aPod,
  aRecord,
  anObserved,
  at,
  bare,
  later,
  now,
  policy,
  toOther,
  withoutId,
  withoutSlot,
} from '../../../support/channel/channel-examples.ts';

type ObservedDifference = NonNullable<Parameters<typeof anObserved>[0]>;

const stepOf = (scene: ObservedDifference, time = now): Step => nextStep(anObserved(scene), policy, time);

const record = aRecord();
const idle: Step = { do: 'none' };
const noPlatform = missing('PlatformNotFound', 'none');
const noCredentials = missing('CredentialsNotFound', 'none');
const suspended = { spec: { suspend: true } };
const agoraOnly = { spec: { streamMode: 'agora-only' } };
const deleting = { deleting: true };
const going = aPod({ deleting: true });
const held = { failure: undefined };
const moving = { desired: found(toOther()) };
const loose = (difference: Partial<UnownedChildren> = {}): UnownedChildren => ({
  slot: 1,
  secret: true,
  pod: aPod({ name: 'show-relay-1', slot: 1 }),
  deferred: false,
  ...difference,
});
const old = (difference: Partial<StreamState> = {}): StreamState =>
  aStream({ record: aRecord({ role: 'draining', until: at(20) }), ...difference });
const served = anIncomingStream({ record: { ...anIncomingStream().record, role: 'active' } });

describe('from nothing to on air', () => {
  test.each<[string, ObservedDifference, object]>([
    [
      'first the finalizer and what will be made are recorded',
      { streams: [], channel: { finalizers: [] } },
      { do: 'record', records: [{ role: 'active', platform: 'origin', name: 'lc-origin', slot: 0 }] },
    ],
    [
      'then the stream and its Secret are made',
      { streams: [aStream({ record: withoutId(record), ...bare })] },
      { do: 'ensure-stream' },
    ],
    [
      'then the pod is made',
      { streams: [aStream({ pod: undefined, report: undefined })] },
      { do: 'create-pod' },
    ],
    ['then there is nothing to do', {}, idle],
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
  test.each<[string, ObservedDifference]>([
    ['while its platform is missing', { desired: noPlatform, streams: [aStream({ platform: noPlatform })] }],
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
    expect(stepOf(scene)).toEqual(idle);
  });
});

describe('a channel that moves', () => {
  const next = anIncomingStream();
  test.each<[string, ObservedDifference, object]>([
    ['first records what it will have', moving, { do: 'record', records: [record, { role: 'incoming' }] }],
    [
      'then makes the other stream',
      { ...moving, streams: [aStream(), anIncomingStream({ record: withoutId(next.record), ...bare })] },
      { do: 'ensure-stream', record: { role: 'incoming' } },
    ],
    [
      'then the other relay',
      { ...moving, streams: [aStream(), anIncomingStream({ pod: undefined, report: undefined })] },
      { do: 'create-pod', slot: 1 },
    ],
    ['then waits until that one plays', { ...moving, streams: [aStream(), next] }, idle],
    [
      'then sends viewers there',
      { ...moving, streams: [aStream(), anIncomingStream({ playable: true })] },
      { do: 'record', records: [{ role: 'draining' }, { role: 'active' }], event: { reason: 'Migrated' } },
    ],
    ['lets the old one drain', { ...moving, streams: [old(), served] }, idle],
    [
      'looks after the active one while something is wrong with the next',
      {
        ...moving,
        streams: [aStream({ pod: aPod({ secretRevision: 'older' }) }), { ...next, deferred: held }],
      },
      { do: 'announce-secret', record },
    ],
    [
      'brings up the next one while something is wrong with the active one',
      {
        ...moving,
        streams: [aStream({ deferred: held }), anIncomingStream({ pod: undefined, report: undefined })],
      },
      { do: 'create-pod', slot: 1 },
    ],
  ])('%s', (_, scene, expected) => {
    expect(stepOf(scene)).toMatchObject(expected);
  });

  test.each<[string, Partial<StreamState>, object]>([
    ['its relay', {}, { do: 'delete-pod', slot: 0, reason: 'Migrated' }],
    ['its Secret', { pod: undefined }, { do: 'delete-secret', slot: 0 }],
    ['its slot', bare, { do: 'note', noted: withoutSlot(old().record) }],
    ['itself', { record: withoutSlot(old().record), ...bare }, { do: 'delete-stream' }],
  ])('takes the old one down after its time: %s', (_, stream, expected) => {
    expect(stepOf({ ...moving, streams: [old(stream), served] }, later(20))).toMatchObject(expected);
  });

  test('is at rest though the old stream cannot be deleted for now', () => {
    expect(stepOf({ ...moving, streams: [old({ ...bare, deferred: held }), served] }, later(20))).toEqual(
      idle,
    );
  });
});

describe('taken off air', () => {
  const stop = { do: 'delete-pod', slot: 0, reason: 'Suspended', message: 'spec.suspend is true' };
  test.each<[string, ObservedDifference, object]>([
    ['by suspend: the pod goes', { channel: suspended }, stop],
    [
      'by suspend: a pod that is going is waited for',
      { channel: suspended, streams: [aStream({ pod: going })] },
      idle,
    ],
    [
      'by suspend: the stream and its Secret stay',
      { channel: suspended, streams: [aStream({ pod: undefined, report: undefined })] },
      idle,
    ],
    ['by suspend, also while the platform is out', { channel: suspended, desired: noPlatform }, stop],
    [
      'by suspend in the middle of a move: both relays go',
      { channel: suspended, ...moving, streams: [aStream({ pod: going }), anIncomingStream()] },
      { do: 'delete-pod', slot: 1, reason: 'Suspended' },
    ],
    ['by suspend while an old one is drained: that too', { channel: suspended, streams: [old()] }, stop],
    [
      'by agora-only: the pod goes first',
      { channel: agoraOnly },
      { do: 'delete-pod', reason: 'RelayStopped', message: 'streamMode requires no relay' },
    ],
    [
      'by agora-only: then the Secret',
      { channel: agoraOnly, streams: [aStream({ pod: undefined })] },
      { do: 'delete-secret' },
    ],
    [
      'by agora-only: then the stream',
      { channel: agoraOnly, streams: [aStream(bare)] },
      { do: 'delete-stream', record },
    ],
    [
      'by agora-only: the next and the old one likewise',
      { channel: agoraOnly, streams: [aStream({ ...bare, deferred: held }), anIncomingStream()] },
      { do: 'delete-pod', slot: 1 },
    ],
    ['by agora-only: then there is nothing to do', { channel: agoraOnly, streams: [] }, idle],
    [
      'a channel suspended from the start still gets its stream',
      { channel: { ...suspended, finalizers: [] }, streams: [] },
      { do: 'record', records: [{ role: 'active' }] },
    ],
  ])('%s', (_, scene, expected) => {
    expect(stepOf(scene)).toMatchObject(expected);
  });
});

describe('children in a slot that no stream is in', () => {
  test.each<[string, Partial<UnownedChildren>, object]>([
    ['lose the pod first', {}, { do: 'delete-pod', slot: 1 }],
    ['wait for it', { pod: going }, idle],
    ['then the Secret', { pod: undefined }, { do: 'delete-secret', slot: 1 }],
    ['are left alone for a round in which that failed', { deferred: true }, idle],
  ])('%s', (_, difference, expected) => {
    expect(stepOf({ unowned: [loose(difference)] })).toMatchObject(expected);
    expect(
      stepOf({ unowned: [loose(difference)], channel: suspended, streams: [aStream({ pod: undefined })] }),
    ).toMatchObject(expected);
  });

  test('must be gone before the channel is let go', () => {
    expect(stepOf({ channel: deleting, streams: [], unowned: [loose()] })).toMatchObject({
      do: 'delete-pod',
    });
    expect(stepOf({ channel: deleting, streams: [], unowned: [loose({ pod: going })] })).toEqual(idle);
  });
});

describe('deletion', () => {
  const retaining = { deleting: true, spec: { deletionPolicy: 'Retain' } };
  const down = { do: 'delete-pod', reason: 'Deleting', message: 'The channel is being deleted' };
  test.each<[string, ObservedDifference, object]>([
    ['ends the relay first, so that the broadcast ends properly', { channel: deleting }, down],
    ['waits for it', { channel: deleting, streams: [aStream({ pod: going })] }, idle],
    [
      'then deletes the Secret',
      { channel: deleting, streams: [aStream({ pod: undefined })] },
      { do: 'delete-secret' },
    ],
    ['then the stream', { channel: deleting, streams: [aStream(bare)] }, { do: 'delete-stream', record }],
    [
      'then the stream whose id was never learned',
      { channel: deleting, streams: [aStream({ record: withoutId(record), ...bare })] },
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
      { channel: deleting, streams: [aStream({ ...bare, deferred: held }), anIncomingStream(bare)] },
      { do: 'delete-stream', record: { role: 'incoming' } },
    ],
    [
      'waits while one cannot be deleted',
      { channel: deleting, streams: [aStream({ ...bare, deferred: held })] },
      idle,
    ],
    [
      'keeps the active stream where the policy says so',
      { channel: retaining, streams: [aStream(bare)] },
      { do: 'release' },
    ],
    [
      'keeps no other one',
      { channel: retaining, streams: [aStream(bare), anIncomingStream(bare)] },
      { do: 'delete-stream', record: { role: 'incoming' } },
    ],
    [
      'keeps it until its relay is gone',
      { channel: retaining, streams: [aStream({ ...bare, pod: going })] },
      idle,
    ],
    [
      'keeps it until its Secret is gone',
      { channel: retaining, streams: [aStream({ ...bare, secretExists: true, deferred: held })] },
      idle,
    ],
    [
      'goes on without platform and credentials',
      {
        channel: deleting,
        streams: [aStream({ pod: undefined })],
        desired: noPlatform,
        credentials: noCredentials,
      },
      { do: 'delete-secret' },
    ],
    [
      'is nothing to us when our finalizer is not there',
      { channel: { deleting: true, finalizers: ['other/finalizer'] } },
      idle,
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
