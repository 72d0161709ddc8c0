import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { LiveChannelStatus } from '../../../src/api/live-channel.ts';
import { liveChannelConditionTypes, liveChannelStatusSchema } from '../../../src/api/live-channel.ts';
import { isReason, reasons, type Reason } from '../../../src/api/reasons.ts';
import { relayStates } from '../../../src/api/relay-contract.ts';
import { describeChannel } from '../../../src/channel/describe.ts';
import { found, missing, type Observed } from '../../../src/channel/observed.ts';
import {
  aChannel,
  aPlatform,
  aPod,
  aReport,
  aScene,
  aSecret,
  credentials,
  described,
  later,
  now,
  waitingForHost,
} from './examples.ts';

const statusOf = (difference: Partial<Observed>): LiveChannelStatus =>
  describeChannel(aScene(difference), 'PodDeleted', now);

/** Conditions as "Type": "status reason". */
const conditions = (status: LiveChannelStatus): Record<string, string> =>
  Object.fromEntries(
    (status.conditions ?? []).map(({ type, status: is, reason }) => [type, `${is} ${reason}`]),
  );

const nothingYet = { secret: undefined, pod: undefined, report: undefined } as const;
const noPod = { pod: undefined, report: undefined } as const;
const starting = { phase: 'Pending', running: false, ready: false } as const;
const platformGone = missing('PlatformNotFound', 'StreamingPlatform x does not exist.');
const noCredentials = missing('CredentialsNotFound', 'Secret shop/agora does not exist.');
const suspended = aChannel({ spec: { suspend: true } });
const agoraOnly = aChannel({ spec: { streamMode: 'agora-only' }, record: undefined });
const deleting = aChannel({ deleting: true });

describe('what a channel says of itself', () => {
  test.each<[string, Partial<Observed>, string, Record<string, string>]>([
    [
      'at first sight',
      { channel: aChannel({ record: undefined, finalizers: [] }), ...nothingYet },
      'starting',
      {
        Ready: 'False RelayStarting',
        StreamReady: 'Unknown RelayStarting',
        RelayReady: 'False RelayStarting',
        HostPresent: 'Unknown RelayStopped',
        FallbackActive: 'False NotInUse',
      },
    ],
    [
      'stream made, no pod',
      noPod,
      'starting',
      { Ready: 'False RelayStarting', StreamReady: 'True StreamCreated' },
    ],
    ['pod made', { pod: aPod(starting), report: undefined }, 'starting', { Ready: 'False RelayStarting' }],
    [
      'relay up, nothing heard of it',
      { report: undefined, pod: aPod({ ready: false }) },
      'starting',
      { Ready: 'False RelayStarting' },
    ],
    [
      'relay ready, nothing heard of it: a network policy may keep us from asking',
      { report: undefined },
      'active',
      { Ready: 'True Live', RelayReady: 'True Live', HostPresent: 'True HostPublishing' },
    ],
    [
      'joining',
      { report: aReport({ state: 'joining', reason: 'RelayStarting', host: null }) },
      'starting',
      { Ready: 'False RelayStarting', HostPresent: 'Unknown RelayStarting' },
    ],
    [
      'no host',
      { report: waitingForHost },
      'starting',
      {
        Ready: 'False WaitingForHost',
        RelayReady: 'False WaitingForHost',
        HostPresent: 'False WaitingForHost',
      },
    ],
    [
      'host there, ingest not yet',
      { report: aReport({ state: 'connecting', reason: 'RelayStarting' }) },
      'starting',
      { Ready: 'False RelayStarting', HostPresent: 'True HostPublishing' },
    ],
    [
      'on air',
      {},
      'active',
      {
        Ready: 'True Live',
        StreamReady: 'True StreamCreated',
        RelayReady: 'True Live',
        HostPresent: 'True HostPublishing',
        FallbackActive: 'False NotInUse',
      },
    ],
    [
      'on air while the platform is gone',
      { platform: platformGone },
      'active',
      { Ready: 'True PlatformNotFound', StreamReady: 'False PlatformNotFound' },
    ],
    [
      'on air while the credentials are gone',
      { credentials: noCredentials },
      'active',
      { Ready: 'True CredentialsNotFound' },
    ],
    [
      'the ingest refuses the key',
      { report: aReport({ state: 'failed', reason: 'IngestRejected', message: 'refused' }) },
      'error',
      {
        Ready: 'False IngestRejected',
        RelayReady: 'False IngestRejected',
        StreamReady: 'True StreamCreated',
      },
    ],
    [
      'stalled',
      { report: aReport({ state: 'stalled', reason: 'MediaStalled' }) },
      'error',
      { Ready: 'False MediaStalled' },
    ],
    [
      'the token is refused',
      {
        pod: aPod({
          ...starting,
          phase: 'Running',
          ended: { exitCode: 3, reason: 'Error', message: '{"reason":"AgoraTokenRejected","message":"m"}' },
        }),
        report: undefined,
      },
      'error',
      { Ready: 'False AgoraTokenRejected' },
    ],
    [
      'no image',
      { pod: aPod({ ...starting, waiting: { reason: 'ErrImagePull', message: 'm' } }), report: undefined },
      'error',
      { Ready: 'False ImagePullFailed', RelayReady: 'False ImagePullFailed' },
    ],
    [
      'no node',
      { pod: aPod({ ...starting, unschedulable: 'm' }), report: undefined },
      'starting',
      { Ready: 'False PodPending' },
    ],
    [
      'pod going',
      { pod: aPod({ deleting: true }), report: undefined },
      'starting',
      { Ready: 'False RelayReplaced' },
    ],
    [
      'no platform',
      { ...nothingYet, platform: platformGone },
      'error',
      { Ready: 'False PlatformNotFound', StreamReady: 'False PlatformNotFound' },
    ],
    [
      'no credentials',
      { ...nothingYet, credentials: noCredentials },
      'error',
      { Ready: 'False CredentialsNotFound', StreamReady: 'Unknown CredentialsNotFound' },
    ],
    [
      'platform down',
      { ...nothingYet, failure: { part: 'stream', reason: 'PlatformUnavailable', message: 'm' } },
      'error',
      { Ready: 'False PlatformUnavailable', StreamReady: 'False PlatformUnavailable' },
    ],
    [
      'pod refused',
      { ...noPod, failure: { part: 'relay', reason: 'PodCreateFailed', message: 'm' } },
      'error',
      { Ready: 'False PodCreateFailed', RelayReady: 'False PodCreateFailed' },
    ],
    [
      'suspended',
      { channel: suspended, ...noPod },
      'stopped',
      {
        Ready: 'False Suspended',
        RelayReady: 'False Suspended',
        StreamReady: 'True StreamCreated',
        HostPresent: 'Unknown RelayStopped',
      },
    ],
    ['suspended just now', { channel: suspended }, 'stopped', { Ready: 'False Suspended' }],
    [
      'agora-only',
      { channel: agoraOnly, ...nothingYet },
      'stopped',
      { Ready: 'False AgoraOnly', StreamReady: 'False AgoraOnly', RelayReady: 'False AgoraOnly' },
    ],
    [
      'deleting',
      { channel: deleting, ...nothingYet },
      'stopped',
      { Ready: 'False Deleting', StreamReady: 'False Deleting' },
    ],
    [
      'deleting, and the platform does not answer',
      {
        channel: deleting,
        ...nothingYet,
        failure: { part: 'stream', reason: 'PlatformUnavailable', message: 'm' },
      },
      'error',
      { Ready: 'False PlatformUnavailable', StreamReady: 'False PlatformUnavailable' },
    ],
  ])('%s', (_, difference, relayStatus, expected) => {
    const status = statusOf(difference);
    expect(conditions(status)).toMatchObject(expected);
    expect(status.relayStatus).toBe(relayStatus);
  });
});

describe('addresses and figures', () => {
  test('on air: everything that the app needs', () => {
    expect(statusOf({})).toMatchObject({
      observedGeneration: 1,
      effectiveStreamMode: 'hybrid',
      hlsPlaybackUrl: 'https://play.example/s-1/index.m3u8',
      streamingPlatform: 'origin',
      streamId: 's-1',
      streamKeyId: 'key-1',
      relayStartedAt: '2026-03-01T11:59:30Z',
      relay: { podName: 'show-relay-0', nodeName: 'node-1', mode: 'passthrough', restarts: 0 },
      health: 'good',
    });
  });

  test('the playback URL is there as soon as the stream is, and stays while suspended', () => {
    const hlsPlaybackUrl = aSecret().playbackUrl;
    expect(statusOf(noPod).hlsPlaybackUrl).toBe(hlsPlaybackUrl);
    expect(statusOf({ channel: suspended, ...noPod }).hlsPlaybackUrl).toBe(hlsPlaybackUrl);
    expect(statusOf({ channel: agoraOnly }).hlsPlaybackUrl).toBeUndefined();
  });

  test('off air nothing is said of health, mode and since when, also after it was', () => {
    const { channel } = described(aScene());
    const status = statusOf({ channel, report: waitingForHost });
    expect(status).not.toHaveProperty('health');
    expect(status).not.toHaveProperty('relayStartedAt');
    expect(status.relay).not.toHaveProperty('mode');
  });

  test('without a pod nothing is said of the one that was there', () => {
    const { channel } = described(aScene());
    expect(statusOf({ channel, ...noPod }).relay).toEqual({
      restarts: 0,
      observedPodUid: 'pod-1',
      observedContainerRestarts: 0,
    });
  });

  test('what will hurt later is said beside Ready', () => {
    const ready = statusOf({ credentials: noCredentials }).conditions?.find(({ type }) => type === 'Ready');
    expect(ready?.message).toContain('Secret shop/agora does not exist.');
  });

  test('a report of a container that no longer runs is not believed', () => {
    expect(statusOf({ pod: aPod({ running: false }) }).relayStatus).toBe('starting');
  });
});

const reason = fc.constantFrom(...(Object.keys(reasons) as Reason[]));
const problem = fc.record({ reason, message: fc.string() });
const anyScene: fc.Arbitrary<Observed> = fc
  .record({
    suspend: fc.boolean(),
    streamMode: fc.constantFrom('agora-only', 'hybrid', 'hls-only', 'auto'),
    deleting: fc.boolean(),
    platform: fc.option(problem, { nil: undefined }),
    credentials: fc.option(problem, { nil: undefined }),
    secret: fc.option(fc.constant(aSecret()), { nil: undefined }),
    pod: fc.option(
      fc.record({
        running: fc.boolean(),
        deleting: fc.boolean(),
        restartCount: fc.nat(3),
        uid: fc.constantFrom('pod-1', 'pod-2'),
        phase: fc.constantFrom('Pending', 'Running', 'Failed', 'Succeeded', 'Unknown'),
        waiting: fc.option(fc.record({ reason: fc.string(), message: fc.string() }), { nil: undefined }),
        unschedulable: fc.option(fc.string(), { nil: undefined }),
      }),
      { nil: undefined },
    ),
    report: fc.option(fc.record({ state: fc.constantFrom(...relayStates), reason }), { nil: undefined }),
    stream: fc.constantFrom('unknown', 'exists', 'gone'),
    failure: fc.option(
      fc.record({ part: fc.constantFrom('stream', 'relay'), reason, message: fc.string() }),
      { nil: undefined },
    ),
  })
  .map(({ suspend, streamMode, deleting, ...difference }) =>
    aScene({
      channel: aChannel({ deleting, spec: { suspend, streamMode } }),
      platform:
        difference.platform === undefined ? found(aPlatform) : { ok: false, problem: difference.platform },
      credentials:
        difference.credentials === undefined
          ? found(credentials)
          : { ok: false, problem: difference.credentials },
      secret: difference.secret,
      pod: difference.pod === undefined ? undefined : aPod(difference.pod),
      report: difference.report === undefined ? undefined : aReport(difference.report),
      stream: difference.stream,
      failure: difference.failure,
    }),
  );

describe('whatever is observed', () => {
  test('every condition is there from the first visit, with a reason of the closed list, and the schema holds', () => {
    fc.assert(
      fc.property(anyScene, (scene) => {
        const status = describeChannel(scene, 'PodDeleted', now);
        expect(status.conditions?.map(({ type }) => type)).toEqual([...liveChannelConditionTypes]);
        for (const condition of status.conditions ?? []) expect(isReason(condition.reason)).toBe(true);
        expect(liveChannelStatusSchema.parse(status)).toEqual(JSON.parse(JSON.stringify(status)));
      }),
    );
  });

  test('looking again later changes nothing, so that nothing is written at rest', () => {
    fc.assert(
      fc.property(anyScene, (scene) => {
        const once = described(scene);
        expect(described(once, later(3_600)).channel.status).toEqual(once.channel.status);
      }),
    );
  });

  test('Ready, relayStatus active and RelayReady never contradict each other', () => {
    fc.assert(
      fc.property(anyScene, (scene) => {
        const status = describeChannel(scene, 'PodDeleted', now);
        const ready = conditions(status)['Ready']?.startsWith('True');
        if (ready === true) expect(status.relayStatus).toBe('active');
        if (status.relayStatus === 'active' && scene.channel.metadata.deletionTimestamp === undefined)
          expect(ready).toBe(true);
      }),
    );
  });

  test('the time of a condition changes only with its status', () => {
    fc.assert(
      fc.property(anyScene, anyScene, (first, second) => {
        const before = described(first).channel.status;
        const after = described(
          { ...second, channel: { ...second.channel, ...(before ? { status: before } : {}) } },
          later(60),
        ).channel.status;
        for (const condition of after?.conditions ?? []) {
          const old = before?.conditions?.find(({ type }) => type === condition.type);
          expect(condition.lastTransitionTime === old?.lastTransitionTime).toBe(
            condition.status === old?.status,
          );
        }
      }),
    );
  });
});
