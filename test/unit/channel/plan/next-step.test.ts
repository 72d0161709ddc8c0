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
const deferred = { failure: undefined };
const migrating = { desired: found(toOther()) };
const unowned = (difference: Partial<UnownedChildren> = {}): UnownedChildren => ({
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
      'first records the finalizer and the streams to create',
      { streams: [], channel: { finalizers: [] } },
      { do: 'record', records: [{ role: 'active', platform: 'origin', name: 'lc-origin', slot: 0 }] },
    ],
    [
      'then creates the stream and its Secret',
      { streams: [aStream({ record: withoutId(record), ...bare })] },
      { do: 'ensure-stream' },
    ],
    [
      'then creates the pod',
      { streams: [aStream({ pod: undefined, report: undefined })] },
      { do: 'create-pod' },
    ],
    ['then does nothing', {}, idle],
    [
      'restores a removed finalizer, and keeps the stream records',
      { channel: { finalizers: ['other/finalizer'] } },
      { do: 'record', records: [record] },
    ],
  ])('%s', (_, scene, expected) => {
    expect(stepOf(scene)).toMatchObject(expected);
  });
});

describe('a channel on air stays on air', () => {
  test.each<[string, ObservedDifference]>([
    ['while its platform is missing', { desired: noPlatform, streams: [aStream({ platform: noPlatform })] }],
    ['while its credentials are missing', { credentials: noCredentials }],
    [
      'after a failed step on the channel',
      { failure: { part: 'relay', reason: 'PodCreateFailed', message: '' } },
    ],
    [
      'with a new platform that does not exist',
      { channel: { spec: { platformRef: { name: 'x' } } }, desired: noPlatform },
    ],
    [
      'while its desired platform is full',
      {
        desired: found(toOther({ refused: { reason: 'QuotaExceeded', message: 'full' } })),
      },
    ],
  ])('%s', (_, scene) => {
    expect(stepOf(scene)).toEqual(idle);
  });
});

describe('a channel that migrates', () => {
  const next = anIncomingStream();
  test.each<[string, ObservedDifference, object]>([
    ['first records the new stream', migrating, { do: 'record', records: [record, { role: 'incoming' }] }],
    [
      'then creates the new stream',
      { ...migrating, streams: [aStream(), anIncomingStream({ record: withoutId(next.record), ...bare })] },
      { do: 'ensure-stream', record: { role: 'incoming' } },
    ],
    [
      'then creates the new relay',
      { ...migrating, streams: [aStream(), anIncomingStream({ pod: undefined, report: undefined })] },
      { do: 'create-pod', slot: 1 },
    ],
    ['then waits until the new stream can be played', { ...migrating, streams: [aStream(), next] }, idle],
    [
      'then sends viewers to the new stream',
      { ...migrating, streams: [aStream(), anIncomingStream({ playable: true })] },
      { do: 'record', records: [{ role: 'draining' }, { role: 'active' }], event: { reason: 'Migrated' } },
    ],
    ['lets the old stream drain', { ...migrating, streams: [old(), served] }, idle],
    [
      'keeps maintaining the active stream while the incoming one has a fault',
      {
        ...migrating,
        streams: [aStream({ pod: aPod({ secretRevision: 'older' }) }), { ...next, deferred }],
      },
      { do: 'announce-secret', record },
    ],
    [
      'keeps creating the incoming stream while the active one has a fault',
      {
        ...migrating,
        streams: [aStream({ deferred }), anIncomingStream({ pod: undefined, report: undefined })],
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
  ])('removes the old stream after its drain: %s', (_, stream, expected) => {
    expect(stepOf({ ...migrating, streams: [old(stream), served] }, later(20))).toMatchObject(expected);
  });

  test('is in steady state even if the old stream cannot be deleted for now', () => {
    expect(stepOf({ ...migrating, streams: [old({ ...bare, deferred }), served] }, later(20))).toEqual(idle);
  });
});

describe('taking a channel off air', () => {
  const stop = { do: 'delete-pod', slot: 0, reason: 'Suspended', message: 'spec.suspend is true' };
  test.each<[string, ObservedDifference, object]>([
    ['suspend: deletes the pod', { channel: suspended }, stop],
    [
      'suspend: waits for a pod that is being deleted',
      { channel: suspended, streams: [aStream({ pod: going })] },
      idle,
    ],
    [
      'suspend: keeps the stream and its Secret',
      { channel: suspended, streams: [aStream({ pod: undefined, report: undefined })] },
      idle,
    ],
    ['suspend: works also while the platform is down', { channel: suspended, desired: noPlatform }, stop],
    [
      'suspend during a migration: deletes both relays',
      { channel: suspended, ...migrating, streams: [aStream({ pod: going }), anIncomingStream()] },
      { do: 'delete-pod', slot: 1, reason: 'Suspended' },
    ],
    [
      'suspend during a drain: deletes the draining relay, too',
      { channel: suspended, streams: [old()] },
      stop,
    ],
    [
      'agora-only: deletes the pod first',
      { channel: agoraOnly },
      { do: 'delete-pod', reason: 'RelayStopped', message: 'streamMode requires no relay' },
    ],
    [
      'agora-only: then deletes the Secret',
      { channel: agoraOnly, streams: [aStream({ pod: undefined })] },
      { do: 'delete-secret' },
    ],
    [
      'agora-only: then deletes the stream',
      { channel: agoraOnly, streams: [aStream(bare)] },
      { do: 'delete-stream', record },
    ],
    [
      'agora-only: deletes the incoming and the draining stream likewise',
      { channel: agoraOnly, streams: [aStream({ ...bare, deferred }), anIncomingStream()] },
      { do: 'delete-pod', slot: 1 },
    ],
    ['agora-only: then does nothing', { channel: agoraOnly, streams: [] }, idle],
    [
      'a channel suspended from the start still gets its stream',
      { channel: { ...suspended, finalizers: [] }, streams: [] },
      { do: 'record', records: [{ role: 'active' }] },
    ],
  ])('%s', (_, scene, expected) => {
    expect(stepOf(scene)).toMatchObject(expected);
  });
});

describe('unowned children in a slot without a stream', () => {
  test.each<[string, Partial<UnownedChildren>, object]>([
    ['lose the pod first', {}, { do: 'delete-pod', slot: 1 }],
    ['wait until the pod is gone', { pod: going }, idle],
    ['then lose the Secret', { pod: undefined }, { do: 'delete-secret', slot: 1 }],
    ['are left alone in a reconcile in which that has failed', { deferred: true }, idle],
  ])('%s', (_, difference, expected) => {
    expect(stepOf({ unowned: [unowned(difference)] })).toMatchObject(expected);
    expect(
      stepOf({ unowned: [unowned(difference)], channel: suspended, streams: [aStream({ pod: undefined })] }),
    ).toMatchObject(expected);
  });

  test('must be gone before the finalizer is removed', () => {
    expect(stepOf({ channel: deleting, streams: [], unowned: [unowned()] })).toMatchObject({
      do: 'delete-pod',
    });
    expect(stepOf({ channel: deleting, streams: [], unowned: [unowned({ pod: going })] })).toEqual(idle);
  });
});

describe('deleting a channel', () => {
  const retaining = { deleting: true, spec: { deletionPolicy: 'Retain' } };
  const down = { do: 'delete-pod', reason: 'Deleting', message: 'The channel is being deleted' };
  test.each<[string, ObservedDifference, object]>([
    ['deletes the relay first, so that the broadcast ends properly', { channel: deleting }, down],
    ['waits until the relay is gone', { channel: deleting, streams: [aStream({ pod: going })] }, idle],
    [
      'then deletes the Secret',
      { channel: deleting, streams: [aStream({ pod: undefined })] },
      { do: 'delete-secret' },
    ],
    [
      'then deletes the stream',
      { channel: deleting, streams: [aStream(bare)] },
      { do: 'delete-stream', record },
    ],
    [
      'then deletes the stream whose id is not known',
      { channel: deleting, streams: [aStream({ record: withoutId(record), ...bare })] },
      { do: 'delete-stream', record: withoutId(record) },
    ],
    ['then removes the finalizer', { channel: deleting, streams: [] }, { do: 'release' }],
    [
      'does not wait for the end of a drain',
      { channel: deleting, streams: [old(bare)] },
      { do: 'note', noted: withoutSlot(old().record) },
    ],
    [
      'deletes every stream of a migration',
      { channel: deleting, streams: [aStream({ ...bare, deferred }), anIncomingStream(bare)] },
      { do: 'delete-stream', record: { role: 'incoming' } },
    ],
    [
      'waits while a stream cannot be deleted',
      { channel: deleting, streams: [aStream({ ...bare, deferred })] },
      idle,
    ],
    [
      'keeps the active stream if the policy is Retain',
      { channel: retaining, streams: [aStream(bare)] },
      { do: 'release' },
    ],
    [
      'deletes other streams with the policy Retain, too',
      { channel: retaining, streams: [aStream(bare), anIncomingStream(bare)] },
      { do: 'delete-stream', record: { role: 'incoming' } },
    ],
    [
      'keeps the finalizer of a retained stream until its relay is gone',
      { channel: retaining, streams: [aStream({ ...bare, pod: going })] },
      idle,
    ],
    [
      'keeps the finalizer of a retained stream until its Secret is gone',
      { channel: retaining, streams: [aStream({ ...bare, secretExists: true, deferred })] },
      idle,
    ],
    [
      'works without platform and credentials',
      {
        channel: deleting,
        streams: [aStream({ pod: undefined })],
        desired: noPlatform,
        credentials: noCredentials,
      },
      { do: 'delete-secret' },
    ],
    [
      'does nothing without our finalizer',
      { channel: { deleting: true, finalizers: ['other/finalizer'] } },
      idle,
    ],
    [
      'removes the finalizer of a channel that never had a stream',
      { channel: { deleting: true, ...agoraOnly }, streams: [] },
      { do: 'release' },
    ],
  ])('%s', (_, scene, expected) => {
    expect(stepOf(scene)).toMatchObject(expected);
  });
});
