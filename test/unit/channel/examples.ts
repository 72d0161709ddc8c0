import { liveChannelSchema, type LiveChannel } from '../../../src/api/live-channel.ts';
import { API_VERSION, STREAM_FINALIZER } from '../../../src/api/names.ts';
import type { RelayReport } from '../../../src/api/relay-contract.ts';
import { tokenFor } from '../../../src/channel/agora-token.ts';
import { describeChannel } from '../../../src/channel/describe.ts';
import {
  found,
  type CredentialsFacts,
  type Observed,
  type PlatformFacts,
  type RelayPodFacts,
  type RelaySecretFacts,
} from '../../../src/channel/observed.ts';
import { streamRecordAnnotations, type StreamRecord } from '../../../src/channel/ownership.ts';
import { agoraSubject } from '../../../src/channel/relay-config.ts';

/** Examples of everything that decisions are made from, each valid and at rest; tests say what is different. */
export const now = new Date('2026-03-01T12:00:00Z');
export const later = (seconds: number): Date => new Date(now.getTime() + seconds * 1_000);

interface ChannelDifference {
  readonly spec?: object;
  readonly status?: LiveChannel['status'];
  readonly record?: StreamRecord | undefined;
  readonly finalizers?: readonly string[];
  readonly deleting?: boolean;
  readonly generation?: number;
}

export function aChannel(difference: ChannelDifference = {}): LiveChannel {
  const { spec = {}, status, record, finalizers = [STREAM_FINALIZER], deleting = false } = difference;
  return liveChannelSchema.parse({
    apiVersion: API_VERSION,
    kind: 'LiveChannel',
    metadata: {
      name: 'show',
      namespace: 'shop',
      uid: 'channel-uid',
      generation: difference.generation ?? 1,
      finalizers,
      annotations: streamRecordAnnotations(
        'record' in difference ? record : { platform: 'origin', streamId: 's-1' },
      ),
      ...(deleting ? { deletionTimestamp: '2026-03-01T11:59:00Z' } : {}),
    },
    spec: { agora: { credentialsRef: { name: 'agora' } }, ...spec },
    ...(status === undefined ? {} : { status }),
  });
}

export const aPlatform: PlatformFacts = { name: 'origin', takeover: undefined, maxVideoBitrateKbps: 8_000 };
export const credentials: CredentialsFacts = { appId: 'a'.repeat(32), digest: 'credentials-1' };

export function aSecret(difference: Partial<RelaySecretFacts> = {}): RelaySecretFacts {
  return {
    streamId: 's-1',
    streamKeyId: 'key-1',
    platform: 'origin',
    playbackUrl: 'https://play.example/s-1/index.m3u8',
    tokenFor: tokenFor(credentials, agoraSubject(aChannel(), 0)),
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
    mode: 'passthrough',
    host: { uid: 1000, video: true, audio: true },
    liveSince: '2026-03-01T11:59:30Z',
    lastAcceptedAt: '2026-03-01T12:00:00Z',
    inBitrateKbps: 800,
    outBitrateKbps: 810,
    frameRate: 15,
    width: 640,
    height: 360,
    keyFrameIntervalSeconds: 2,
    avOffsetMs: 3,
    restarts: {},
    lastError: null,
    health: 'good',
    ...difference,
  };
}

export const waitingForHost = aReport({
  state: 'waiting',
  reason: 'WaitingForHost',
  message: 'Joined channel show; no host publishes video.',
  host: null,
  liveSince: null,
  lastAcceptedAt: null,
});

export const digests = { config: 'config-1', pod: 'pod-1' };

/** A channel on air. */
export function aScene(difference: Partial<Observed> = {}): Observed {
  return {
    channel: aChannel(),
    platform: found(aPlatform),
    credentials: found(credentials),
    secret: aSecret(),
    pod: aPod(),
    report: aReport(),
    stream: 'unknown',
    failure: undefined,
    ...difference,
  };
}

/** The same scene with the status that was written for it. */
export function described(scene: Observed, time = now): Observed {
  const status = describeChannel(scene, 'PodDeleted', time);
  return { ...scene, channel: { ...scene.channel, status } };
}
