import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { LiveChannelSpec, LiveChannelStatus } from '../../../../src/api/live-channel.ts';
import { liveChannelConditionTypes, liveChannelStatusSchema } from '../../../../src/api/live-channel.ts';
import { isReason, reasons, type Reason } from '../../../../src/api/reasons.ts';
import { relayStates } from '../../../../src/api/relay-contract.ts';
import { describeChannel } from '../../../../src/channel/status/status.ts';
import { found, missing, type StreamState, type Observed } from '../../../../src/channel/state.ts';
import {
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

/** A scene whose one stream differs so. */
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
  message: 'The last picture is held: the host is away.',
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

describe('what a channel says of itself', () => {
  test.each<[string, Observed, string, Record<string, string>]>([
    [
      'at first sight',
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
      'stream made, no pod',
      withStream(noPod),
      'starting',
      { Ready: 'False RelayStarting', StreamReady: 'True StreamCreated' },
    ],
    [
      'pod made',
      withStream({ pod: aPod(starting), report: undefined }),
      'starting',
      { Ready: 'False RelayStarting' },
    ],
    [
      'relay up, nothing heard of it',
      withStream({ report: undefined, pod: aPod({ ready: false }) }),
      'starting',
      { Ready: 'False RelayStarting' },
    ],
    [
      'relay ready, nothing heard of it: a network policy may keep us from asking',
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
      'host there, ingest not yet',
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
      'on air and short of processor time',
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
      'on air while the platform is gone',
      withStream({ platform: platformGone }, { desired: platformGone }),
      'active',
      { Ready: 'True PlatformNotFound', StreamReady: 'False PlatformNotFound' },
    ],
    [
      'on air while the platform to move to is not there',
      anObserved({ desired: platformGone }),
      'active',
      { Ready: 'True PlatformNotFound', StreamReady: 'True StreamCreated' },
    ],
    [
      'on air while the credentials are gone',
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
      'no node',
      withStream({ pod: aPod({ ...starting, unschedulable: 'm' }), report: undefined }),
      'starting',
      { Ready: 'False PodPending' },
    ],
    [
      'pod going',
      withStream({ pod: aPod({ deleting: true }), report: undefined }),
      'starting',
      { Ready: 'False RelayReplaced' },
    ],
    [
      'no platform',
      anObserved({ streams: [], desired: platformGone }),
      'error',
      { Ready: 'False PlatformNotFound', StreamReady: 'False PlatformNotFound' },
    ],
    [
      'no place on the platform',
      anObserved({ streams: [], desired: found(aDesiredStream({ refused: full })) }),
      'error',
      { Ready: 'False QuotaExceeded', StreamReady: 'False QuotaExceeded' },
    ],
    [
      'no credentials',
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
      'agora-only, and the platform does not let the stream go',
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

describe('a channel that moves', () => {
  const said = (scene: Observed): string =>
    statusOf(scene).conditions?.find(({ type }) => type === 'StreamReady')?.message ?? '';
  const moving = { desired: found(toOther()) };

  test('is on air as before, and says where it goes', () => {
    const scene = anObserved({ ...moving, streams: [aStream(), anIncomingStream()] });
    expect(conditions(statusOf(scene))).toMatchObject({ Ready: 'True Live', StreamReady: 'True Migrating' });
    expect(said(scene)).toBe(
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

  test('says what is in the way', () => {
    expect(
      said(
        anObserved({
          ...moving,
          streams: [aStream(), anIncomingStream({ ...bare, deferred: streamFailed })],
        }),
      ),
    ).toMatch(/stays active until the stream on platform other is playable\. m$/);
    expect(said(anObserved({ desired: found(toOther({ refused: full })) }))).toMatch(
      /stays active\. .*other is full/,
    );
  });

  test('gives the new address once viewers are sent there, while the old one drains', () => {
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

  test('is not troubled by an old stream that cannot be deleted', () => {
    const old = aStream({ record: aRecord({ role: 'draining' }), ...bare, deferred: streamFailed });
    const active = anIncomingStream({ record: aRecord({ ...anIncomingStream().record, role: 'active' }) });
    expect(conditions(statusOf(anObserved({ ...moving, streams: [old, active] })))).toMatchObject({
      Ready: 'True Live',
      StreamReady: 'True StreamCreated',
    });
  });
});

describe('what stands in', () => {
  const refused = aReport({ state: 'failed', reason: 'IngestRejected', message: 'refused' });
  const broken = aReport({ state: 'failed', reason: 'BrowserCrashed', message: 'gone' });
  const standIn = anIncomingStream({
    record: aRecord({ ...anIncomingStream().record, role: 'active', insteadOf: 'origin', returnAt: at(300) }),
  });
  const away = { desired: found(toOther({ insteadOf: 'origin' })) };

  /** The condition after the channel has been in each of these scenes for so many seconds, looked at every 5 s. */
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
    ['nothing, where nothing is asked for', {}, [[off, 600]], 'False NotInUse'],
    ['nothing while all is well', both, [[onAir, 600]], 'False NotInUse'],
    [
      'nothing while the host is away',
      both,
      [[withStream({ report: waitingForHost }), 600]],
      'False NotInUse',
    ],
    ['nothing while suspended', both, [[withStream(noPod, suspended), 600]], 'False NotInUse'],
    ['nothing while deleted', both, [[withStream({ report: broken }, deleting), 600]], 'False NotInUse'],
    [
      'for some seconds nothing, but the time counts',
      agora,
      [
        [onAir, 60],
        [off, 25],
      ],
      'Unknown BrowserCrashed',
    ],
    [
      'then Agora',
      agora,
      [
        [onAir, 60],
        [off, 35],
      ],
      'True FallbackAgora',
    ],
    [
      'Agora still, while the relay may not hold',
      agora,
      [
        [off, 35],
        [onAir, 0],
      ],
      'True FallbackAgora',
    ],
    [
      'nothing once it has held for ten seconds',
      agora,
      [
        [off, 35],
        [onAir, 10],
      ],
      'False NotInUse',
    ],
    [
      'each time anew',
      agora,
      [
        [off, 20],
        [onAir, 20],
        [off, 20],
      ],
      'Unknown BrowserCrashed',
    ],
    ['Agora later, where another platform can be tried first', both, [[off, 45]], 'Unknown BrowserCrashed'],
    ['but it is tried', both, [[off, 65]], 'True FallbackAgora'],
    [
      'what the platform is to blame for is remembered while the relay tries again',
      platform,
      [
        [withStream({ report: refused }), 10],
        [off, 10],
        [withStream(noPod), 10],
      ],
      'Unknown IngestRejected',
    ],
    [
      'a platform that does not make the stream is to blame',
      platform,
      [[withStream({ ...bare, deferred: streamFailed }), 10]],
      'Unknown PlatformUnavailable',
    ],
    [
      'so is one that is not there, or full',
      platform,
      [
        [anObserved({ streams: [], desired: platformGone }), 10],
        [anObserved({ streams: [] }), 5],
      ],
      'Unknown PlatformNotFound',
    ],
    [
      'the fallback platform, as long as the channel is on it',
      platform,
      [[anObserved({ ...away, streams: [standIn] }), 600]],
      'True FallbackPlatform',
    ],
    [
      'the fallback platform also while the host is away',
      platform,
      [[anObserved({ ...away, streams: [{ ...standIn, report: waitingForHost }] }), 60]],
      'True FallbackPlatform',
    ],
    [
      'Agora, when the fallback platform does not work either',
      both,
      [[anObserved({ ...away, streams: [{ ...standIn, report: refused }] }), 35]],
      'True FallbackAgora',
    ],
    [
      'the fallback platform again, once it does',
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

  test('with Agora as the fallback the app is told to send viewers there', () => {
    const before = described(withStream({ report: broken }, { channel: { spec: agora } }));
    const status = describeChannel(before, 'PodDeleted', later(31));
    expect(status.effectiveStreamMode).toBe('agora-only');
    expect(before.channel.status?.effectiveStreamMode).toBe('hybrid');
  });
});

describe('addresses and figures', () => {
  test('on air: everything that the app needs', () => {
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

  test('the playback URL is there as soon as the stream is, and stays while suspended', () => {
    const hlsPlaybackUrl = aSecret().playbackUrl;
    expect(statusOf(withStream(noPod)).hlsPlaybackUrl).toBe(hlsPlaybackUrl);
    expect(statusOf(withStream(noPod, suspended)).hlsPlaybackUrl).toBe(hlsPlaybackUrl);
    expect(statusOf(anObserved(agoraOnly)).hlsPlaybackUrl).toBeUndefined();
  });

  test('off air nothing is said of health, mode and since when, also after it was', () => {
    const { channel } = described(anObserved());
    const status = statusOf({ ...withStream({ report: waitingForHost }), channel });
    expect(status).not.toHaveProperty('health');
    expect(status).not.toHaveProperty('relayStartedAt');
    expect(status.relay).not.toHaveProperty('mode');
  });

  test('without a pod nothing is said of the one that was there', () => {
    const { channel } = described(anObserved());
    expect(statusOf({ ...withStream(noPod), channel }).relay).toEqual({
      restarts: 0,
      observedPodUid: 'pod-1',
      observedContainerRestarts: 0,
    });
  });

  test('what will hurt later is said beside Ready', () => {
    const { conditions: all } = statusOf(anObserved({ credentials: noCredentials }));
    const ready = all?.find(({ type }) => type === 'Ready');
    expect(ready?.message).toContain('Secret shop/agora does not exist.');
  });

  test('a report of a container that no longer runs is not believed', () => {
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

describe('whatever is observed', () => {
  test('every condition is there from the first visit, with a reason of the closed list, and the schema holds', () => {
    fc.assert(
      fc.property(anyObserved, (scene) => {
        const status = describeChannel(scene, 'PodDeleted', now);
        expect(status.conditions?.map(({ type }) => type)).toEqual([...liveChannelConditionTypes]);
        for (const condition of status.conditions ?? []) expect(isReason(condition.reason)).toBe(true);
        expect(liveChannelStatusSchema.parse(status)).toEqual(JSON.parse(JSON.stringify(status)));
      }),
    );
  });

  test('looking again changes nothing, and in the long run nothing either, so that nothing is written at rest', () => {
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

  test('the time of a condition changes only with its status', () => {
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
