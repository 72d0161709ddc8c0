import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { LiveChannelSpec, LiveChannelStatus } from '../../../../src/api/live-channel.ts';
import { liveChannelConditionTypes, liveChannelStatusSchema } from '../../../../src/api/live-channel.ts';
import { isReason, reasons, type Reason } from '../../../../src/api/reasons.ts';
import { relayStates } from '../../../../src/api/relay-contract.ts';
import { describeChannel } from '../../../../src/channel/status/status.ts';
import { found, missing, type StreamState, type Observed } from '../../../../src/channel/state.ts';
import { relayUid } from '../../../../src/api/agora-uids.ts';
import {
  aPassedToken,
  aStream,
  anIncomingStream,
  aPod,
  aRecord,
  aReport,
  anObserved,
  aSecret,
  aDesiredStream,
  at,
  bare,
  credentials,
  described,
  later,
  now,
  toOther,
  waitingForHost,
} from '../../../support/channel/channel-examples.ts';

type ObservedDifference = NonNullable<Parameters<typeof anObserved>[0]>;

/** A scene whose one stream has these differences. */
const withStream = (stream: Partial<StreamState>, scene: ObservedDifference = {}): Observed =>
  anObserved({ streams: [aStream(stream)], ...scene });
const statusOf = (scene: Observed): LiveChannelStatus => describeChannel(scene, 'PodDeleted', now);

/** Conditions as "Type": "status reason". */
const conditions = (status: LiveChannelStatus): Record<string, string> =>
  Object.fromEntries(
    (status.conditions ?? []).map(({ type, status: is, reason }) => [type, `${is} ${reason}`]),
  );

const held = aReport({
  reason: 'LastFrameHeld',
  message: 'The last frame is held: the host is away.',
  videoOutput: 'held',
  host: null,
});
const noPod = { pod: undefined, report: undefined } as const;
const starting = { phase: 'Pending', running: false, ready: false } as const;
const platformGone = missing('PlatformNotFound', 'StreamingPlatform x does not exist.');
const noCredentials = missing('CredentialsNotFound', 'Secret shop/agora does not exist.');
const suspended = { channel: { spec: { suspend: true } } };
const agoraOnly = { channel: { spec: { streamMode: 'agora-only' } } };
const deleting = { channel: { deleting: true } };
const fallback = { fallbackPlatformRef: { name: 'other' } };
const full = { reason: 'QuotaExceeded', message: 'StreamingPlatform other is full.' } as const;
const streamFailed = { failure: { part: 'stream', reason: 'PlatformUnavailable', message: 'm' } } as const;

describe('conditions and relay status', () => {
  test.each<[string, Observed, string, Record<string, string>]>([
    [
      'first reconcile',
      anObserved({ streams: [], channel: { finalizers: [] } }),
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
      'stream created, no pod',
      withStream(noPod),
      'starting',
      { Ready: 'False RelayStarting', StreamReady: 'True StreamCreated' },
    ],
    [
      'pod created',
      withStream({ pod: aPod(starting), report: undefined }),
      'starting',
      { Ready: 'False RelayStarting' },
    ],
    [
      'relay running, no report yet',
      withStream({ report: undefined, pod: aPod({ ready: false }) }),
      'starting',
      { Ready: 'False RelayStarting' },
    ],
    [
      'relay ready, no report yet, maybe because of a network policy',
      withStream({ report: undefined }),
      'active',
      { Ready: 'True Live', RelayReady: 'True Live', HostPresent: 'True HostPublishing' },
    ],
    [
      'joining',
      withStream({ report: aReport({ state: 'joining', reason: 'RelayStarting', host: null }) }),
      'starting',
      { Ready: 'False RelayStarting', HostPresent: 'Unknown RelayStarting' },
    ],
    [
      'no host',
      withStream({ report: waitingForHost }),
      'starting',
      {
        Ready: 'False WaitingForHost',
        RelayReady: 'False WaitingForHost',
        HostPresent: 'False WaitingForHost',
      },
    ],
    [
      'host present, ingest not connected yet',
      withStream({ report: aReport({ state: 'connecting', reason: 'RelayStarting' }) }),
      'starting',
      { Ready: 'False RelayStarting', HostPresent: 'True HostPublishing' },
    ],
    [
      'on air',
      anObserved(),
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
      'on air without the host',
      withStream({ report: held }),
      'active',
      { Ready: 'True Live', RelayReady: 'True LastFrameHeld', HostPresent: 'False WaitingForHost' },
    ],
    [
      'on air with a host whose camera is off',
      withStream({ report: { ...held, host: { uid: 1000, video: false, audio: true } } }),
      'active',
      { Ready: 'True Live', RelayReady: 'True LastFrameHeld', HostPresent: 'True HostPublishing' },
    ],
    [
      'on air with throttled CPU',
      withStream({
        report: aReport({ health: 'fair', healthReason: 'CPUThrottled: the CPU limit holds it back.' }),
      }),
      'active',
      { Ready: 'True Live', RelayReady: 'True CPUThrottled' },
    ],
    [
      'on air after its browser ran out of memory',
      withStream({
        report: aReport({ lastError: { reason: 'MemoryPressure', message: 'too small', at: at(-30) } }),
      }),
      'active',
      { Ready: 'True Live', RelayReady: 'True MemoryPressure' },
    ],
    [
      'on air while the platform does not exist',
      withStream({ platform: platformGone }, { desired: platformGone }),
      'active',
      { Ready: 'True PlatformNotFound', StreamReady: 'False PlatformNotFound' },
    ],
    [
      'on air while the migration target does not exist',
      anObserved({ desired: platformGone }),
      'active',
      { Ready: 'True PlatformNotFound', StreamReady: 'True StreamCreated' },
    ],
    [
      'on air while the credentials are missing',
      anObserved({ credentials: noCredentials }),
      'active',
      { Ready: 'True CredentialsNotFound' },
    ],
    [
      'the ingest refuses the key',
      withStream({ report: aReport({ state: 'failed', reason: 'IngestRejected', message: 'refused' }) }),
      'error',
      {
        Ready: 'False IngestRejected',
        RelayReady: 'False IngestRejected',
        StreamReady: 'True StreamCreated',
      },
    ],
    [
      'stalled',
      withStream({ report: aReport({ state: 'stalled', reason: 'MediaStalled' }) }),
      'error',
      { Ready: 'False MediaStalled' },
    ],
    [
      'the token is refused',
      withStream({
        pod: aPod({
          ...starting,
          phase: 'Running',
          ended: { exitCode: 3, reason: 'Error', message: '{"reason":"AgoraTokenRejected","message":"m"}' },
        }),
        report: undefined,
      }),
      'error',
      { Ready: 'False AgoraTokenRejected' },
    ],
    [
      'no image',
      withStream({
        pod: aPod({ ...starting, waiting: { reason: 'ErrImagePull', message: 'm' } }),
        report: undefined,
      }),
      'error',
      { Ready: 'False ImagePullFailed', RelayReady: 'False ImagePullFailed' },
    ],
    [
      'unschedulable',
      withStream({ pod: aPod({ ...starting, unschedulable: 'm' }), report: undefined }),
      'starting',
      { Ready: 'False PodPending' },
    ],
    [
      'pod terminating',
      withStream({ pod: aPod({ deleting: true }), report: undefined }),
      'starting',
      { Ready: 'False RelayReplaced' },
    ],
    [
      'platform not found',
      anObserved({ streams: [], desired: platformGone }),
      'error',
      { Ready: 'False PlatformNotFound', StreamReady: 'False PlatformNotFound' },
    ],
    [
      'platform full',
      anObserved({ streams: [], desired: found(aDesiredStream({ refused: full })) }),
      'error',
      { Ready: 'False QuotaExceeded', StreamReady: 'False QuotaExceeded' },
    ],
    [
      'credentials missing',
      anObserved({ streams: [], credentials: noCredentials }),
      'error',
      { Ready: 'False CredentialsNotFound', StreamReady: 'Unknown CredentialsNotFound' },
    ],
    [
      'platform down',
      withStream({ ...bare, deferred: streamFailed }),
      'error',
      { Ready: 'False PlatformUnavailable', StreamReady: 'False PlatformUnavailable' },
    ],
    [
      'pod refused',
      withStream({
        ...noPod,
        deferred: { failure: { part: 'relay', reason: 'PodCreateFailed', message: 'm' } },
      }),
      'error',
      { Ready: 'False PodCreateFailed', RelayReady: 'False PodCreateFailed' },
    ],
    [
      'the stream vanished',
      withStream({ presence: 'gone', report: undefined, pod: aPod({ ready: false }) }),
      'error',
      {
        Ready: 'False StreamNotFound',
        StreamReady: 'False StreamNotFound',
      },
    ],
    [
      'suspended',
      withStream(noPod, suspended),
      'stopped',
      {
        Ready: 'False Suspended',
        RelayReady: 'False Suspended',
        StreamReady: 'True StreamCreated',
        HostPresent: 'Unknown RelayStopped',
      },
    ],
    ['suspended just now', anObserved(suspended), 'stopped', { Ready: 'False Suspended' }],
    [
      'agora-only',
      anObserved({ streams: [], ...agoraOnly }),
      'stopped',
      { Ready: 'False AgoraOnly', StreamReady: 'False AgoraOnly', RelayReady: 'False AgoraOnly' },
    ],
    [
      'agora-only, and the platform does not delete the stream',
      withStream({ ...bare, deferred: streamFailed }, agoraOnly),
      'stopped',
      { Ready: 'False PlatformUnavailable', StreamReady: 'False PlatformUnavailable' },
    ],
    [
      'deleting',
      anObserved({ streams: [], ...deleting }),
      'stopped',
      { Ready: 'False Deleting', StreamReady: 'False Deleting' },
    ],
    [
      'deleting, and the platform does not answer',
      withStream({ ...bare, deferred: streamFailed }, deleting),
      'error',
      { Ready: 'False PlatformUnavailable', StreamReady: 'False PlatformUnavailable' },
    ],
    [
      'deleting, and the platform of an old stream does not answer',
      anObserved({
        ...deleting,
        streams: [aStream({ record: aRecord({ role: 'draining' }), ...bare, deferred: streamFailed })],
      }),
      'error',
      { Ready: 'False PlatformUnavailable' },
    ],
  ])('%s', (_, scene, relayStatus, expected) => {
    const status = statusOf(scene);
    expect(conditions(status)).toMatchObject(expected);
    expect(status.relayStatus).toBe(relayStatus);
  });
});

describe('a channel that migrates', () => {
  const migrationMessage = (scene: Observed): string =>
    statusOf(scene).conditions?.find(({ type }) => type === 'StreamReady')?.message ?? '';
  const moving = { desired: found(toOther()) };

  test('is on air as before, with the reason Migrating', () => {
    const scene = anObserved({ ...moving, streams: [aStream(), anIncomingStream()] });
    expect(conditions(statusOf(scene))).toMatchObject({ Ready: 'True Live', StreamReady: 'True Migrating' });
    expect(migrationMessage(scene)).toBe(
      'Stream s-1 on platform origin stays active until the stream on platform other is playable.',
    );
    expect(statusOf(scene)).toMatchObject({
      relayStatus: 'active',
      hlsPlaybackUrl: 'https://play.example/s-1/index.m3u8',
      streamingPlatform: 'origin',
      streamId: 's-1',
      relay: { podName: 'show-relay-0' },
    });
  });

  test('reports what blocks the migration', () => {
    expect(
      migrationMessage(
        anObserved({
          ...moving,
          streams: [aStream(), anIncomingStream({ ...bare, deferred: streamFailed })],
        }),
      ),
    ).toMatch(/stays active until the stream on platform other is playable\. m$/);
    expect(migrationMessage(anObserved({ desired: found(toOther({ refused: full })) }))).toMatch(
      /stays active\. .*other is full/,
    );
  });

  test('has the new URL once viewers are sent there, while the old stream drains', () => {
    const before = described(anObserved({ ...moving, streams: [aStream(), anIncomingStream()] }));
    const streams = [
      aStream({ record: aRecord({ role: 'draining', until: at(30) }) }),
      anIncomingStream({ record: aRecord({ ...anIncomingStream().record, role: 'active' }) }),
    ];
    const status = statusOf({ ...before, streams });
    expect(status).toMatchObject({
      relayStatus: 'active',
      hlsPlaybackUrl: 'https://play.example/s-2/index.m3u8',
      streamingPlatform: 'other',
      streamId: 's-2',
      relay: { podName: 'show-relay-1', restarts: 0 },
    });
    expect(conditions(status)).toMatchObject({ Ready: 'True Live', StreamReady: 'True StreamCreated' });
  });

  test('ignores an old stream that cannot be deleted', () => {
    const old = aStream({ record: aRecord({ role: 'draining' }), ...bare, deferred: streamFailed });
    const active = anIncomingStream({ record: aRecord({ ...anIncomingStream().record, role: 'active' }) });
    expect(conditions(statusOf(anObserved({ ...moving, streams: [old, active] })))).toMatchObject({
      Ready: 'True Live',
      StreamReady: 'True StreamCreated',
    });
  });
});

describe('the condition FallbackActive', () => {
  const refused = aReport({ state: 'failed', reason: 'IngestRejected', message: 'refused' });
  const broken = aReport({ state: 'failed', reason: 'BrowserCrashed', message: 'gone' });
  const standIn = anIncomingStream({
    record: aRecord({ ...anIncomingStream().record, role: 'active', insteadOf: 'origin', returnAt: at(300) }),
  });
  const away = { desired: found(toOther({ insteadOf: 'origin' })) };

  /** The condition after each of these scenes for the given number of seconds, reconciled every 5 s. */
  function after(
    spec: Partial<LiveChannelSpec>,
    story: readonly (readonly [Observed, number])[],
  ): string | undefined {
    let time = 0;
    let status: LiveChannelStatus | undefined;
    for (const [scene, seconds] of story)
      for (const end = time + seconds; time <= end; time += 5) {
        const channel = { ...scene.channel, spec: { ...scene.channel.spec, ...spec } };
        const last = status === undefined ? {} : { status };
        status = describeChannel({ ...scene, channel: { ...channel, ...last } }, 'PodDeleted', later(time));
      }
    return status && conditions(status)['FallbackActive'];
  }
  const agora = { fallback: { mode: 'agora-only', afterSeconds: 30 } } as const;
  const platform = fallback;
  const both = { ...agora, ...fallback };
  const onAir = anObserved();
  const off = withStream({ report: broken });

  test.each<[string, Partial<LiveChannelSpec>, readonly (readonly [Observed, number])[], string]>([
    ['is False without a fallback in the spec', {}, [[off, 600]], 'False NotInUse'],
    ['is False while all is well', both, [[onAir, 600]], 'False NotInUse'],
    [
      'is False while the host is away',
      both,
      [[withStream({ report: waitingForHost }), 600]],
      'False NotInUse',
    ],
    ['is False while suspended', both, [[withStream(noPod, suspended), 600]], 'False NotInUse'],
    [
      'is False while being deleted',
      both,
      [[withStream({ report: broken }, deleting), 600]],
      'False NotInUse',
    ],
    [
      'is Unknown for the first seconds of an outage',
      agora,
      [
        [onAir, 60],
        [off, 25],
      ],
      'Unknown BrowserCrashed',
    ],
    [
      'is True with Agora after that time',
      agora,
      [
        [onAir, 60],
        [off, 35],
      ],
      'True FallbackAgora',
    ],
    [
      'stays True with Agora until the relay is stable',
      agora,
      [
        [off, 35],
        [onAir, 0],
      ],
      'True FallbackAgora',
    ],
    [
      'is False once the relay has been stable for ten seconds',
      agora,
      [
        [off, 35],
        [onAir, 10],
      ],
      'False NotInUse',
    ],
    [
      'starts over with each outage',
      agora,
      [
        [off, 20],
        [onAir, 20],
        [off, 20],
      ],
      'Unknown BrowserCrashed',
    ],
    [
      'waits longer before Agora if another platform can be tried first',
      both,
      [[off, 45]],
      'Unknown BrowserCrashed',
    ],
    ['is True with Agora after that time', both, [[off, 65]], 'True FallbackAgora'],
    [
      'keeps a cause at the platform while the relay retries',
      platform,
      [
        [withStream({ report: refused }), 10],
        [off, 10],
        [withStream(noPod), 10],
      ],
      'Unknown IngestRejected',
    ],
    [
      'has the cause PlatformUnavailable when the platform does not create the stream',
      platform,
      [[withStream({ ...bare, deferred: streamFailed }), 10]],
      'Unknown PlatformUnavailable',
    ],
    [
      'has the cause PlatformNotFound when the platform does not exist, or is full',
      platform,
      [
        [anObserved({ streams: [], desired: platformGone }), 10],
        [anObserved({ streams: [] }), 5],
      ],
      'Unknown PlatformNotFound',
    ],
    [
      'is True with the platform while the channel is on the fallback platform',
      platform,
      [[anObserved({ ...away, streams: [standIn] }), 600]],
      'True FallbackPlatform',
    ],
    [
      'is True with the platform also while the host is away',
      platform,
      [[anObserved({ ...away, streams: [{ ...standIn, report: waitingForHost }] }), 60]],
      'True FallbackPlatform',
    ],
    [
      'is True with Agora when the fallback platform does not work either',
      both,
      [[anObserved({ ...away, streams: [{ ...standIn, report: refused }] }), 35]],
      'True FallbackAgora',
    ],
    [
      'is True with the platform again once it works',
      both,
      [
        [anObserved({ ...away, streams: [{ ...standIn, report: refused }] }), 35],
        [anObserved({ ...away, streams: [standIn] }), 15],
      ],
      'True FallbackPlatform',
    ],
  ])('%s', (_, spec, story, expected) => {
    expect(after(spec, story)).toBe(expected);
  });

  test('sets effectiveStreamMode to agora-only when Agora is the fallback', () => {
    const before = described(withStream({ report: broken }, { channel: { spec: agora } }));
    const status = describeChannel(before, 'PodDeleted', later(31));
    expect(status.effectiveStreamMode).toBe('agora-only');
    expect(before.channel.status?.effectiveStreamMode).toBe('hybrid');
  });
});

describe('URLs, IDs and figures', () => {
  test('are complete on air', () => {
    expect(statusOf(anObserved())).toMatchObject({
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

  test('have the uid with which the relay is in the Agora channel', () => {
    const uidOf = (observed: Observed): number | undefined => statusOf(observed).relay?.agoraUid;
    const { uid } = anObserved().channel.metadata;
    expect(uidOf(anObserved())).toBe(relayUid(uid, 0));
    expect(uidOf(withStream({ pod: aPod({ slot: 1 }) }))).toBe(relayUid(uid, 1));
    expect(uidOf(withStream(noPod))).toBeUndefined();
    // That of a token of the app, which stays while the token cannot be read.
    const token = aPassedToken({ uid: 77 });
    const before = described(anObserved({ credentials: found({ ...credentials, token }) }));
    expect(before.channel.status?.relay?.agoraUid).toBe(77);
    expect(uidOf({ ...before, credentials: noCredentials })).toBe(77);
  });

  test('the playback URL is set as soon as the stream exists, and kept while suspended', () => {
    const hlsPlaybackUrl = aRecord().provisioned?.playbackUrl;
    expect(statusOf(withStream(noPod)).hlsPlaybackUrl).toBe(hlsPlaybackUrl);
    expect(statusOf(withStream(noPod, suspended)).hlsPlaybackUrl).toBe(hlsPlaybackUrl);
    expect(statusOf(anObserved(agoraOnly)).hlsPlaybackUrl).toBeUndefined();
  });

  test('health, mode and start time are removed off air', () => {
    const { channel } = described(anObserved());
    const status = statusOf({ ...withStream({ report: waitingForHost }), channel });
    expect(status).not.toHaveProperty('health');
    expect(status).not.toHaveProperty('relayStartedAt');
    expect(status.relay).not.toHaveProperty('mode');
  });

  test('details of a deleted pod are removed', () => {
    const { channel } = described(anObserved());
    expect(statusOf({ ...withStream(noPod), channel }).relay).toEqual({
      restarts: 0,
      observedPodUid: 'pod-1',
      observedContainerRestarts: 0,
    });
  });

  test('a problem of the next restart is in the message of Ready', () => {
    const { conditions: all } = statusOf(anObserved({ credentials: noCredentials }));
    const ready = all?.find(({ type }) => type === 'Ready');
    expect(ready?.message).toContain('Secret shop/agora does not exist.');
  });

  test('a report of a container that no longer runs is ignored', () => {
    expect(statusOf(withStream({ pod: aPod({ running: false }) })).relayStatus).toBe('starting');
  });
});

const reason = fc.constantFrom(...(Object.keys(reasons) as Reason[]));
const problem = fc.record({ reason, message: fc.string() });
const maybe = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.option(arbitrary, { nil: undefined });
const failure = fc.record({ part: fc.constantFrom('stream', 'relay'), reason, message: fc.string() });
const anyPod = fc.record({
  running: fc.boolean(),
  deleting: fc.boolean(),
  restartCount: fc.nat(3),
  uid: fc.constantFrom('pod-1', 'pod-2'),
  phase: fc.constantFrom('Pending', 'Running', 'Failed', 'Succeeded', 'Unknown'),
  waiting: maybe(fc.record({ reason: fc.string(), message: fc.string() })),
  unschedulable: maybe(fc.string()),
});
const anyStream: fc.Arbitrary<StreamState> = fc
  .record({
    role: fc.constantFrom('active', 'incoming', 'draining'),
    insteadOf: maybe(fc.constant('home')),
    platform: maybe(problem),
    secret: maybe(fc.constant(aSecret())),
    pod: maybe(anyPod),
    report: maybe(fc.record({ state: fc.constantFrom(...relayStates), reason })),
    stream: fc.constantFrom('unknown', 'exists', 'gone'),
    held: maybe(fc.record({ failure: maybe(failure) })),
  })
  .map(({ role, insteadOf, platform, pod, report, ...stream }) =>
    aStream({
      ...stream,
      record: aRecord({ role, ...(insteadOf === undefined ? {} : { insteadOf }) }),
      ...(platform === undefined ? {} : { platform: { ok: false, problem: platform } }),
      pod: pod && aPod(pod),
      report: report && aReport(report),
    }),
  );
const anyObserved: fc.Arbitrary<Observed> = fc
  .record({
    spec: fc.record({
      suspend: fc.boolean(),
      streamMode: fc.constantFrom('agora-only', 'hybrid', 'hls-only', 'auto'),
      fallback: fc.record({ mode: fc.constantFrom('none', 'agora-only') }),
      fallbackPlatformRef: maybe(fc.constant({ name: 'other' })),
    }),
    deleting: fc.boolean(),
    target: maybe(problem),
    refused: maybe(problem),
    credentials: maybe(problem),
    streams: fc.array(anyStream, { maxLength: 3 }),
    failure: maybe(failure),
  })
  .map(({ spec, deleting, target, refused, ...difference }) =>
    anObserved({
      channel: { deleting, spec },
      desired: target === undefined ? found(aDesiredStream({ refused })) : { ok: false, problem: target },
      credentials:
        difference.credentials === undefined
          ? found(credentials)
          : { ok: false, problem: difference.credentials },
      streams: difference.streams,
      failure: difference.failure,
    }),
  );

describe('for any observed state', () => {
  test('every condition is present from the first reconcile, with a known reason, and the status matches the schema', () => {
    fc.assert(
      fc.property(anyObserved, (scene) => {
        const status = describeChannel(scene, 'PodDeleted', now);
        expect(status.conditions?.map(({ type }) => type)).toEqual([...liveChannelConditionTypes]);
        for (const condition of status.conditions ?? []) expect(isReason(condition.reason)).toBe(true);
        expect(liveChannelStatusSchema.parse(status)).toEqual(JSON.parse(JSON.stringify(status)));
      }),
    );
  });

  test('the status is stable: evaluating it again, immediately or much later, changes nothing', () => {
    fc.assert(
      fc.property(anyObserved, (scene) => {
        const once = described(scene);
        expect(described(once).channel.status).toEqual(once.channel.status);
        const settled = described(described(once, later(3_600)), later(3_700));
        expect(described(settled, later(7_200)).channel.status).toEqual(settled.channel.status);
      }),
    );
  });

  test('Ready, relayStatus active and RelayReady never contradict each other', () => {
    fc.assert(
      fc.property(anyObserved, (scene) => {
        const status = describeChannel(scene, 'PodDeleted', now);
        const ready = conditions(status)['Ready']?.startsWith('True');
        if (ready === true) expect(status.relayStatus).toBe('active');
        if (status.relayStatus === 'active' && scene.channel.metadata.deletionTimestamp === undefined)
          expect(ready).toBe(true);
      }),
    );
  });

  test('lastTransitionTime changes only with the status of the condition', () => {
    fc.assert(
      fc.property(anyObserved, anyObserved, (first, second) => {
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
