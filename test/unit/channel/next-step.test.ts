import { describe, expect, test } from '@jest/globals';
import { nextStep, type Step } from '../../../src/channel/next-step.ts';
import { found, missing, type Observed } from '../../../src/channel/observed.ts';
import {
  aChannel,
  aPlatform,
  aPod,
  aScene,
  aSecret,
  credentials,
  digests,
  later,
  now,
  waitingForHost,
} from './examples.ts';

const step = (difference: Partial<Observed>, time = now): Step => nextStep(aScene(difference), digests, time);

const rest: Step = { do: 'rest' };
const record = { platform: 'origin', streamId: 's-1' };
const noPlatform = missing('PlatformNotFound', 'none');
const noCredentials = missing('CredentialsNotFound', 'none');
const suspended = aChannel({ spec: { suspend: true } });
const agoraOnly = aChannel({ spec: { streamMode: 'agora-only' } });
const deleting = aChannel({ deleting: true });
const dead = { running: false, ready: false } as const;

describe('on the way to on air', () => {
  test.each<[string, Partial<Observed>, Step]>([
    [
      'first the finalizer and the platform are recorded',
      {
        channel: aChannel({ record: undefined, finalizers: [] }),
        secret: undefined,
        pod: undefined,
        report: undefined,
      },
      { do: 'record', record: { platform: 'origin', streamId: undefined } },
    ],
    [
      'a finalizer that somebody took off is put back, and the stream stays known',
      { channel: aChannel({ finalizers: ['other/finalizer'] }) },
      { do: 'record', record },
    ],
    [
      'then the stream and its Secret are made',
      {
        channel: aChannel({ record: { platform: 'origin', streamId: undefined } }),
        secret: undefined,
        pod: undefined,
      },
      { do: 'ensure-stream' },
    ],
    [
      'then its id is recorded',
      { channel: aChannel({ record: { platform: 'origin', streamId: undefined } }), pod: undefined },
      { do: 'record', record },
    ],
    ['then the pod is made', { pod: undefined, report: undefined }, { do: 'create-pod' }],
    ['then there is nothing to do', { report: undefined }, rest],
    ['nothing is done while the host is away', { report: waitingForHost }, rest],
    ['nothing is done on air', {}, rest],
    [
      'a Secret that was deleted is made anew: first the recorded id is no longer believed',
      { secret: undefined },
      { do: 'record', record: { platform: 'origin', streamId: undefined } },
    ],
    [
      'a stream that vanished is made anew: first its id is no longer believed',
      { stream: 'gone' },
      { do: 'record', record: { platform: 'origin', streamId: undefined } },
    ],
    [
      'then another one is asked for',
      { stream: 'gone', channel: aChannel({ record: { platform: 'origin', streamId: undefined } }) },
      { do: 'ensure-stream' },
    ],
    ['a stream of which nothing is known is left alone', { stream: 'unknown' }, rest],
    [
      'another stream than the recorded one is recorded',
      { secret: aSecret({ streamId: 's-2' }) },
      { do: 'record', record: { platform: 'origin', streamId: 's-2' } },
    ],
  ])('%s', (_, difference, expected) => {
    expect(step(difference)).toEqual(expected);
  });
});

describe('the pod', () => {
  test.each<[string, Partial<Observed>, Step]>([
    ['that is going is waited for, because its name is taken', { pod: aPod({ deleting: true }) }, rest],
    [
      'that failed is deleted, with the reason that it left',
      {
        pod: aPod({
          ...dead,
          phase: 'Failed',
          ended: { exitCode: 1, reason: 'Error', message: '{"reason":"BrowserCrashed","message":"gone"}' },
        }),
      },
      { do: 'delete-pod', reason: 'BrowserCrashed', message: 'gone' },
    ],
    [
      'that was evicted is deleted',
      { pod: aPod({ ...dead, phase: 'Failed', reason: 'Evicted', message: 'memory pressure' }) },
      { do: 'delete-pod', reason: 'Evicted', message: 'memory pressure' },
    ],
    [
      'that was made from something else is replaced',
      { pod: aPod({ specDigest: 'pod-0' }) },
      { do: 'delete-pod', reason: 'SpecChanged', message: expect.any(String) as unknown as string },
    ],
    ['that restarts by itself is left to the kubelet', { pod: aPod({ ...dead, restartCount: 3 }) }, rest],
    [
      'with an older Secret is told of the new one',
      { pod: aPod({ secretRevision: 'revision-0' }) },
      { do: 'announce-secret' },
    ],
    [
      'that gave up on an older Secret is started afresh with the new one',
      {
        pod: aPod({
          ...dead,
          secretRevision: 'revision-0',
          ended: { exitCode: 3, reason: 'Error', message: '{"reason":"AgoraTokenRejected","message":"no"}' },
        }),
      },
      { do: 'delete-pod', reason: 'AgoraTokenRejected', message: 'Trying again with a new Secret: no' },
    ],
    [
      'that gave up on what it still has is not started again and again',
      {
        pod: aPod({
          ...dead,
          ended: { exitCode: 3, reason: 'Error', message: '{"reason":"AgoraTokenRejected","message":"no"}' },
        }),
      },
      rest,
    ],
    [
      'that fell over for a moment is told of the new Secret and not replaced',
      {
        pod: aPod({
          ...dead,
          secretRevision: 'revision-0',
          ended: { exitCode: 1, reason: 'Error', message: '' },
        }),
      },
      { do: 'announce-secret' },
    ],
  ])('%s', (_, difference, expected) => {
    expect(step(difference)).toEqual(expected);
  });
});

describe('the Secret', () => {
  test.each<[string, Partial<Observed>, Date, Step]>([
    ['keeps its token for half of its life', {}, later(3_539), rest],
    ['gets a new token at half of its life', {}, later(3_540), { do: 'refresh-secret', why: 'token' }],
    [
      'gets a new token with new credentials',
      { credentials: found({ ...credentials, digest: 'credentials-2' }) },
      now,
      { do: 'refresh-secret', why: 'token' },
    ],
    [
      'gets a new token for another Agora channel',
      { channel: aChannel({ spec: { agora: { channelName: 'other', credentialsRef: { name: 'agora' } } } }) },
      now,
      { do: 'refresh-secret', why: 'token' },
    ],
    [
      'gets a new configuration',
      { secret: aSecret({ configDigest: 'config-0' }) },
      now,
      { do: 'refresh-secret', why: 'configuration' },
    ],
    ['gets no token while suspended', { channel: suspended, pod: undefined }, later(7_000), rest],
  ])('%s', (_, difference, time, expected) => {
    expect(step(difference, time)).toEqual(expected);
  });
});

describe('what is on air stays on air', () => {
  test.each<[string, Partial<Observed>]>([
    ['while its platform is missing', { platform: noPlatform }],
    ['while its credentials are missing', { credentials: noCredentials }],
    ['after an action failed', { failure: { part: 'relay', reason: 'PodCreateFailed', message: '' } }],
    [
      'with a new platform that does not exist',
      { channel: aChannel({ spec: { platformRef: { name: 'x' } } }), platform: noPlatform },
    ],
  ])('%s', (_, difference) => {
    expect(step(difference)).toEqual(rest);
    expect(step({ ...difference, pod: undefined, secret: undefined })).toEqual(rest);
  });
});

describe('taken off air', () => {
  test.each<[string, Partial<Observed>, Step]>([
    [
      'by suspend: the pod goes',
      { channel: suspended },
      { do: 'delete-pod', reason: 'Suspended', message: 'spec.suspend is true' },
    ],
    [
      'by suspend: a pod that is going is waited for',
      { channel: suspended, pod: aPod({ deleting: true }) },
      rest,
    ],
    ['by suspend: the stream and its Secret stay', { channel: suspended, pod: undefined }, rest],
    [
      'by suspend, also while the platform is out',
      { channel: suspended, platform: noPlatform },
      { do: 'delete-pod', reason: 'Suspended', message: 'spec.suspend is true' },
    ],
    [
      'by agora-only: the pod goes first',
      { channel: agoraOnly },
      { do: 'delete-pod', reason: 'RelayStopped', message: 'streamMode needs no relay' },
    ],
    ['by agora-only: then the Secret', { channel: agoraOnly, pod: undefined }, { do: 'delete-secret' }],
    [
      'by agora-only: then the stream',
      { channel: agoraOnly, pod: undefined, secret: undefined },
      { do: 'delete-stream', record },
    ],
    [
      'by agora-only: then there is nothing to do',
      {
        channel: aChannel({ spec: { streamMode: 'agora-only' }, record: undefined }),
        pod: undefined,
        secret: undefined,
      },
      rest,
    ],
    [
      'a channel suspended from the start still gets its stream',
      {
        channel: aChannel({ spec: { suspend: true }, record: undefined, finalizers: [] }),
        pod: undefined,
        secret: undefined,
      },
      { do: 'record', record: { platform: 'origin', streamId: undefined } },
    ],
  ])('%s', (_, difference, expected) => {
    expect(step(difference)).toEqual(expected);
  });
});

describe('moving to another platform', () => {
  const moving = { platform: found({ ...aPlatform, name: 'other' }) };
  test.each<[string, Partial<Observed>, Step]>([
    [
      'ends the relay first',
      moving,
      { do: 'delete-pod', reason: 'SpecChanged', message: 'Moving to platform other' },
    ],
    ['waits for it', { ...moving, pod: aPod({ deleting: true }) }, rest],
    ['then drops the Secret', { ...moving, pod: undefined }, { do: 'delete-secret' }],
    [
      'then the old stream',
      { ...moving, pod: undefined, secret: undefined },
      { do: 'delete-stream', record },
    ],
    [
      'then begins anew',
      { ...moving, channel: aChannel({ record: undefined }), pod: undefined, secret: undefined },
      { do: 'record', record: { platform: 'other', streamId: undefined } },
    ],
  ])('%s', (_, difference, expected) => {
    expect(step(difference)).toEqual(expected);
  });
});

describe('deletion', () => {
  const retaining = aChannel({ deleting: true, spec: { deletionPolicy: 'Retain' } });
  test.each<[string, Partial<Observed>, Step]>([
    [
      'ends the relay first, so that the broadcast ends properly',
      { channel: deleting },
      { do: 'delete-pod', reason: 'Deleting', message: 'The channel is being deleted' },
    ],
    ['waits for it', { channel: deleting, pod: aPod({ deleting: true }) }, rest],
    ['then deletes the Secret', { channel: deleting, pod: undefined }, { do: 'delete-secret' }],
    [
      'then the stream',
      { channel: deleting, pod: undefined, secret: undefined },
      { do: 'delete-stream', record },
    ],
    [
      'then the stream whose id was never learned',
      {
        channel: aChannel({ deleting: true, record: { platform: 'origin', streamId: undefined } }),
        pod: undefined,
        secret: undefined,
      },
      { do: 'delete-stream', record: { platform: 'origin', streamId: undefined } },
    ],
    [
      'then lets the channel go',
      { channel: aChannel({ deleting: true, record: undefined }), pod: undefined, secret: undefined },
      { do: 'release', retained: false },
    ],
    [
      'keeps the stream where the policy says so',
      { channel: retaining, pod: undefined, secret: undefined },
      { do: 'release', retained: true },
    ],
    [
      'goes on without platform and credentials',
      { channel: deleting, pod: undefined, platform: noPlatform, credentials: noCredentials },
      { do: 'delete-secret' },
    ],
    [
      'is nothing to us when our finalizer is not there',
      { channel: aChannel({ deleting: true, finalizers: ['other/finalizer'] }) },
      rest,
    ],
    [
      'of a channel that never had a stream lets it go',
      {
        channel: aChannel({ deleting: true, spec: { streamMode: 'agora-only' }, record: undefined }),
        pod: undefined,
        secret: undefined,
      },
      { do: 'release', retained: false },
    ],
  ])('%s', (_, difference, expected) => {
    expect(step(difference)).toEqual(expected);
  });
});
