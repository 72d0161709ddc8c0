import { liveChannelSchema, type LiveChannel } from '../../../src/api/live-channel.ts';
import { annotations, API_VERSION, STREAM_FINALIZER } from '../../../src/api/names.ts';
import type { RelayReport } from '../../../src/api/relay-contract.ts';
import { tokenFor } from '../../../src/channel/pod/agora-token.ts';
import { describeChannel } from '../../../src/channel/status/status.ts';
import type { BudgetDecision, ModeDecision } from '../../../src/api/annotations/cost-decisions.ts';
import {
  found,
  type CredentialsFacts,
  type StreamState,
  type Observed,
  type PassedToken,
  type PlatformFacts,
  type RelayPodFacts,
  type RelaySecretFacts,
  type Standby,
  type DesiredStream,
} from '../../../src/channel/state.ts';
import type { ProvisionedRecord, StreamRecord } from '../../../src/api/stream-records.ts';
import { sha256Hex } from '../../../src/base/digest.ts';
import type { Policy } from '../../../src/channel/timing.ts';
import { agoraSubject } from '../../../src/channel/pod/relay-config.ts';

/** Valid, steady-state examples of all inputs of decisions. Tests specify the differences. */
export const now = new Date('2026-03-01T12:00:00Z');
export const later = (seconds: number): Date => new Date(now.getTime() + seconds * 1_000);
/** RFC 3339, as in records. */
export const at = (seconds: number): string => later(seconds).toISOString();

export const policy: Policy = { drainMs: 30_000, returnAfterMs: 300_000, returnAttemptMs: 120_000 };

/** Digest of ingest URL and key of the stream with this id, whose key has not been rotated. */
export const ingestDigestOf = (id: string): string => sha256Hex(`ingest of ${id}`, 32);

/** What the platform returned for the stream with this id. */
export function provisioned(id: string, difference: Partial<ProvisionedRecord> = {}): ProvisionedRecord {
  return {
    playbackUrl: `https://play.example/${id}/index.m3u8`,
    streamKeyId: 'key-1',
    privateCa: false,
    ingestDigest: ingestDigestOf(id),
    ...difference,
  };
}

/** The active stream. */
export function aRecord(difference: Partial<StreamRecord> = {}): StreamRecord {
  return {
    provisioned: provisioned(difference.id ?? 's-1'),
    role: 'active',
    platform: 'origin',
    name: 'lc-origin',
    slot: 0,
    id: 's-1',
    attempt: 'first',
    since: at(-60),
    ...difference,
  };
}

/** The record before the answer to the create call has been recorded. */
export function withoutId({ id: _id, provisioned: _provisioned, ...record }: StreamRecord): StreamRecord {
  return record;
}
export function withoutSlot({ slot: _slot, ...record }: StreamRecord): StreamRecord {
  return record;
}

interface ChannelDifference {
  readonly spec?: object;
  readonly status?: LiveChannel['status'];
  readonly records?: readonly StreamRecord[];
  readonly finalizers?: readonly string[];
  readonly deleting?: boolean;
  readonly generation?: number;
  /** The value of the annotation rotate-key. */
  readonly rotateKey?: string;
  readonly metadata?: object;
}

/** Without records and finalizer, it is a new channel. */
export function aChannel(difference: ChannelDifference = {}): LiveChannel {
  const { spec = {}, records = [aRecord()], deleting = false, rotateKey } = difference;
  const isNew = records.length === 0 && difference.finalizers?.length === 0;
  const status = isNew ? difference.status : { ...difference.status, streams: [...records] };
  return liveChannelSchema.parse({
    apiVersion: API_VERSION,
    kind: 'LiveChannel',
    metadata: {
      name: 'show',
      namespace: 'shop',
      uid: 'channel-uid',
      generation: difference.generation ?? 1,
      finalizers: difference.finalizers ?? [STREAM_FINALIZER],
      annotations: {
        ...(rotateKey === undefined ? {} : { [annotations.rotateKey]: rotateKey }),
      },
      ...(deleting ? { deletionTimestamp: '2026-03-01T11:59:00Z' } : {}),
      ...difference.metadata,
    },
    spec: { agora: { credentialsRef: { name: 'agora' } }, ...spec },
    ...(status === undefined ? {} : { status }),
  });
}

/** Agora alone is cheaper, from now on. */
export function aModeChoice(difference: Partial<ModeDecision> = {}): ModeDecision {
  return {
    channel: 'channel-uid',
    mode: 'agora-only',
    decidedAt: at(-30),
    at: at(0),
    reason: 'CheaperOnAgora',
    message: '3 viewers cost $0.72/h on Agora, $0.91/h on origin',
    ...difference,
  };
}

/** A spent budget. */
export function aBudgetChoice(difference: Partial<BudgetDecision> = {}): BudgetDecision {
  return {
    channel: 'channel-uid',
    level: 'spent',
    period: '2026-03',
    since: at(-30),
    spentUsd: '12.10',
    limitUsd: '12',
    action: 'alert',
    message: '$12.10 of $12 a month has been spent.',
    ...difference,
  };
}

export const aPlatform: PlatformFacts = {
  name: 'origin',
  takeover: undefined,
  maxVideoBitrateKbps: 8_000,
  keyframeSeconds: { min: 1, max: 10 },
  maxHeight: 1_080,
  sizeChange: 'in-session',
  constantBitrate: false,
};
export const credentials: CredentialsFacts = {
  appId: 'a'.repeat(32),
  digest: 'credentials-1',
  token: { from: 'certificate' },
};

/** A token that the app passed, valid for an hour and for every uid. */
export function aPassedToken(difference: Partial<PassedToken> = {}): PassedToken {
  return {
    from: 'app',
    where: 'The Agora token in Secret shop/show-agora-token (spec.agora.tokenRef)',
    uid: undefined,
    expiresAt: later(3_600),
    expiringAt: later(3_300),
    ...difference,
  };
}

export function aDesiredStream(difference: Partial<DesiredStream> = {}): DesiredStream {
  return {
    platform: aPlatform,
    name: 'lc-origin',
    insteadOf: undefined,
    sentFrom: undefined,
    refused: undefined,
    ...difference,
  };
}
/** The stream on the platform `other`, the target of migrations. */
export const toOther = (difference: Partial<DesiredStream> = {}): DesiredStream =>
  aDesiredStream({ platform: { ...aPlatform, name: 'other' }, name: 'lc-other', ...difference });

export function aSecret(difference: Partial<RelaySecretFacts> = {}): RelaySecretFacts {
  return {
    ingestDigest: ingestDigestOf('s-1'),
    tokenFor: tokenFor(credentials, agoraSubject(aChannel(), 0, credentials)),
    tokenIssuedAt: later(-60),
    tokenExpiresAt: later(7_140),
    configDigest: 'config-1',
    revision: 'revision-1',
    ...difference,
  };
}

/** A pod whose container runs. */
export function aPod(difference: Partial<RelayPodFacts> = {}): RelayPodFacts {
  return {
    name: 'show-relay-0',
    uid: 'pod-1',
    slot: 0,
    phase: 'Running',
    deleting: false,
    ready: true,
    nodeName: 'node-1',
    ip: '10.0.0.5',
    createdAt: later(-60),
    specDigest: 'pod-1',
    secretRevision: 'revision-1',
    restartCount: 0,
    reason: '',
    message: '',
    unschedulable: undefined,
    waiting: undefined,
    running: true,
    ended: undefined,
    ...difference,
  };
}

export function aReport(difference: Partial<RelayReport> = {}): RelayReport {
  return {
    state: 'live',
    reason: 'Live',
    message: '',
    since: '2026-03-01T11:59:30Z',
    standby: false,
    mode: 'passthrough',
    modeReason: '',
    videoOutput: 'live',
    codec: 'h264',
    host: { uid: 1000, video: true, audio: true },
    liveSince: '2026-03-01T11:59:30Z',
    lastAcceptedAt: '2026-03-01T12:00:00Z',
    inBitrateKbps: 800,
    outBitrateKbps: 810,
    frameRate: 15,
    width: 640,
    height: 360,
    keyframeIntervalSeconds: 2,
    avOffsetMs: 3,
    lagMs: 20,
    packetLossPercent: 0,
    jitterMs: 4,
    framesDropped: { 'after-loss': 0, 'slow-ingest': 0, 'slow-relay': 0, codec: 0 },
    memoryMiB: 240,
    memoryLimitMiB: 512,
    restarts: {},
    lastError: null,
    secondsInState: {},
    health: 'good',
    healthReason: '',
    ...difference,
  };
}

export const waitingForHost = aReport({
  state: 'waiting',
  reason: 'WaitingForHost',
  message:
    'No host is in Agora channel "show" yet. If the host publishes, compare its channel name, app ID and uid with spec.agora.',
  videoOutput: 'none',
  host: null,
  liveSince: null,
  lastAcceptedAt: null,
});

export const digests = { config: 'config-1', pod: 'pod-1' };

/** The active stream, on air. */
export function aStream(difference: Partial<StreamState> = {}): StreamState {
  return {
    record: aRecord(),
    platform: found(aPlatform),
    secret: aSecret(),
    secretExists: difference.secret !== undefined || !('secret' in difference),
    pod: aPod(),
    report: aReport(),
    silent: false,
    frozen: false,
    nodeLost: false,
    commanded: false,
    standby: undefined,
    noViewersSince: undefined,
    presence: 'unknown',
    playable: false,
    digests,
    deferred: undefined,
    ...difference,
  };
}

/** An incoming stream on the platform `other`, in the other slot. Its relay pushes, and it cannot be played yet. */
export function anIncomingStream(difference: Partial<StreamState> = {}): StreamState {
  return aStream({
    record: aRecord({
      role: 'incoming',
      platform: 'other',
      name: 'lc-other',
      slot: 1,
      id: 's-2',
      since: at(-10),
    }),
    platform: found({ ...aPlatform, name: 'other' }),
    secret: aSecret({
      ingestDigest: ingestDigestOf('s-2'),
      tokenFor: tokenFor(credentials, agoraSubject(aChannel(), 1, credentials)),
    }),
    pod: aPod({ name: 'show-relay-1', uid: 'pod-2', slot: 1 }),
    ...difference,
  });
}

/** The active record with a hot standby in the other slot. */
export const pairRecord = (difference: Partial<StreamRecord> = {}): StreamRecord =>
  aRecord({ standby: { slot: 1, since: at(-60) }, ...difference });

/** The report of a hot standby. */
export const standingBy = aReport({
  state: 'waiting',
  reason: 'NotInUse',
  message: 'Standby: joined, not pushing.',
  standby: true,
  videoOutput: 'none',
  liveSince: null,
  lastAcceptedAt: null,
});

/** The hot standby of the active stream. */
export function aStandby(difference: Partial<Standby> = {}): Standby {
  return {
    slot: 1,
    secret: aSecret({ tokenFor: tokenFor(credentials, agoraSubject(aChannel(), 1, credentials)) }),
    secretExists: true,
    pod: aPod({ name: 'show-relay-1', uid: 'pod-2', slot: 1, ready: false }),
    report: standingBy,
    digests,
    deferred: undefined,
    commanded: false,
    ...difference,
  };
}

/** A stream with a record only. */
export const bare = { secret: undefined, pod: undefined, report: undefined } as const;

/** A channel on air, with one stream on its home platform. */
export function anObserved(
  difference: Partial<Omit<Observed, 'channel'>> & { readonly channel?: ChannelDifference } = {},
): Observed {
  const { channel = {}, streams = [aStream()], ...others } = difference;
  return {
    channel: aChannel({ records: streams.map(({ record }) => record), ...channel }),
    desired: found(aDesiredStream()),
    credentials: found(credentials),
    streams,
    unowned: [],
    failure: undefined,
    ...others,
  };
}

/** The same scene with the status that was computed for it. */
export function described(scene: Observed, time = now): Observed {
  const { streams } = scene.channel.status ?? {};
  const status = describeChannel(scene, 'PodDeleted', time);
  return {
    ...scene,
    channel: { ...scene.channel, status: { ...status, ...(streams === undefined ? {} : { streams }) } },
  };
}
