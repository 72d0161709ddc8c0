import type { AlertView } from '../../../src/api/alerts.ts';
import type { ChannelView } from '../../../src/api/channel-view.ts';
import type { ChannelNumbers } from '../../../src/api/live-numbers.ts';
import type { ApiKeyView } from '../../../src/server/contract/api-keys.ts';
import type { AuditEntryView } from '../../../src/server/contract/audit.ts';
import type { Overview } from '../../../src/server/contract/overview.ts';
import type { QoeView } from '../../../src/server/contract/qoe.ts';
import type { MetricPoint, PlatformView } from '../../../src/web/dashboard/service/procedures.ts';

/** The time of all samples. It stands still, so that what is drawn of them can be compared. */
export const NOW = Date.UTC(2026, 10, 30, 12);
export const atSecond = (seconds: number): string => new Date(NOW + seconds * 1_000).toISOString();

type RelayChange = Partial<ChannelView['relay']>;
interface ChannelDraft extends Partial<Omit<ChannelView, 'relay'>> {
  readonly relay?: RelayChange;
}

type Condition = ChannelView['conditions'][number];
export const condition = (
  type: string,
  status: Condition['status'],
  reason: string,
  message = '',
): Condition => ({ type, status, reason, message, since: atSecond(-1_800) });

/** A channel on air, with what is different about it. */
export function channelOf(id: string, { relay, ...change }: ChannelDraft = {}): ChannelView {
  return {
    id,
    namespace: 'shop',
    name: id,
    createdAt: atSecond(-7_200),
    labels: {},
    streamMode: 'hybrid',
    effectiveStreamMode: 'hybrid',
    modeReason: null,
    platform: 'ivs-eu',
    playbackUrl: `https://media.example/${id}.m3u8`,
    latencyMode: 'standard',
    access: 'public',
    maxResolution: '1080p',
    maxVideoBitrateKbps: null,
    standby: false,
    conditions: [
      condition('Ready', 'True', 'Live', 'Media arrives at ivs-eu.'),
      condition('StreamReady', 'True', 'StreamCreated', 'Stream st-4711 exists on ivs-eu.'),
      condition('HostPresent', 'True', 'HostPublishing', 'Host 7 publishes video and audio.'),
    ],
    deleting: false,
    ...change,
    relay: {
      isActive: true,
      viewerCount: 412,
      bitrate: 2_480,
      health: 'good',
      status: 'active',
      wanted: true,
      startedAt: atSecond(-1_800),
      mode: 'passthrough',
      reportedHealth: 'good',
      restarts: 0,
      lastRestartReason: null,
      idleSince: null,
      viewersKnown: true,
      hlsViewers: 380,
      agoraViewers: 32,
      bitrateKbps: 2_480,
      ...relay,
    },
  };
}

const offAir: RelayChange = {
  isActive: false,
  status: 'stopped',
  wanted: false,
  startedAt: null,
  hlsViewers: null,
  agoraViewers: null,
  bitrateKbps: null,
  reportedHealth: null,
};

/** A channel in each state that has words. */
export const channelsInStates: readonly ChannelView[] = [
  channelOf('autumn-sale', {
    streamMode: 'auto',
    modeReason: 'HLS costs $0.42 an hour less than Agora alone at 412 viewers.',
    labels: { tier: 'gold' },
  }),
  channelOf('shoes-live', {
    relay: { restarts: 2, lastRestartReason: 'RelayUnresponsive', reportedHealth: 'fair' },
    conditions: [
      condition('Ready', 'True', 'LastFrameHeld', 'On air; the host has sent nothing for 14 s.'),
      condition('HostPresent', 'False', 'WaitingForHost', 'No host publishes in Agora channel shoes.'),
    ],
  }),
  channelOf('kitchen-tour', {
    platform: 'mux-main',
    relay: { ...offAir, status: 'starting', wanted: true },
    conditions: [
      condition('Ready', 'False', 'WaitingForHost', 'No host publishes in Agora channel kitchen.'),
      condition('HostPresent', 'False', 'WaitingForHost', 'No host publishes in Agora channel kitchen.'),
    ],
  }),
  channelOf('toy-fair', {
    platform: 'mux-main',
    relay: { ...offAir, status: 'error', wanted: true, health: 'poor', restarts: 4 },
    conditions: [
      condition(
        'Ready',
        'False',
        'CredentialsNotFound',
        'Secret default/agora has no key appCertificate. Add it.',
      ),
    ],
  }),
  channelOf('garden-talk', { relay: { ...offAir, wanted: true, idleSince: atSecond(-600) } }),
  channelOf('book-club', {
    streamMode: 'agora-only',
    effectiveStreamMode: 'agora-only',
    platform: null,
    playbackUrl: null,
    relay: { ...offAir, agoraViewers: 9 },
  }),
  channelOf('night-market', { relay: offAir }),
];

export const numbersOf = (id: string, change: Partial<ChannelNumbers> = {}): ChannelNumbers => ({
  channelId: id,
  at: atSecond(0),
  agoraViewers: 32,
  hlsViewers: 380,
  bitrateKbps: 2_480,
  health: 'good',
  ...change,
});

export const overview: Overview = {
  at: atSecond(0),
  channels: { total: 7, wanted: 4, onAir: 2 },
  viewers: { agora: 73, hls: 760, unknown: 1 },
  costs: {
    perHourUsd: '12.400000',
    agoraAlonePerHourUsd: '96.100000',
    savedPerHourUsd: '83.700000',
    unknown: 1,
  },
  health: { good: 1, fair: 1, poor: 1, unknown: 1 },
  alerts: { critical: 1, warning: 1, info: 0 },
};

export const alertOf = (id: string, change: Partial<AlertView> = {}): AlertView => ({
  id,
  channelId: 'toy-fair',
  platform: 'mux-main',
  raisedAt: atSecond(-900),
  resolvedAt: null,
  kind: 'ChannelOffAir',
  severity: 'critical',
  message: 'Channel toy-fair has been off air for 15 min: Secret default/agora has no key appCertificate.',
  ...change,
});

export const alerts: readonly AlertView[] = [
  alertOf('2'),
  alertOf('1', {
    channelId: 'shoes-live',
    platform: 'ivs-eu',
    kind: 'RelayRestarting',
    severity: 'warning',
    raisedAt: atSecond(-1_500),
    message: 'The relay of shoes-live restarted three times within 10 min.',
  }),
];

export const platformOf = (name: string, change: Partial<PlatformView>): PlatformView => ({
  name,
  provider: 'ivs',
  isDefault: false,
  ready: true,
  reason: 'CredentialsVerified',
  message: '',
  channels: 3,
  capabilities: { rotateKey: true },
  quota: { used: 3, limit: 10, orphans: 0, staleSince: null },
  ...change,
});

/** One of each kind: in use, refused, full with orphans, never counted. */
export const platforms: readonly PlatformView[] = [
  platformOf('ivs-eu', { isDefault: true }),
  platformOf('mux-main', {
    provider: 'mux',
    ready: false,
    reason: 'CredentialsRejected',
    message: 'Mux answered 401 to the token of Secret livechannel-system/mux.',
    channels: 2,
    quota: { used: 2, limit: null, orphans: 0, staleSince: atSecond(-1_200) },
  }),
  platformOf('stream-us', {
    provider: 'cloudflare',
    channels: 20,
    quota: { used: 20, limit: 20, orphans: 2, staleSince: null },
  }),
  platformOf('lab', {
    provider: 'origin',
    channels: 0,
    quota: { used: null, limit: null, orphans: null, staleSince: null },
  }),
];

export const apiKeyOf = (id: string, change: Partial<ApiKeyView> = {}): ApiKeyView => ({
  id,
  name: id,
  scopes: ['operate'],
  createdAt: atSecond(-8_000_000),
  expiresAt: atSecond(5_000_000),
  revokedAt: null,
  lastUsedAt: atSecond(-60),
  ...change,
});

/** One in each state, that of the session included. */
export const apiKeys: readonly ApiKeyView[] = [
  apiKeyOf('operations', { name: 'ann', scopes: ['admin'], createdAt: atSecond(-100_000) }),
  apiKeyOf('3fK9sLq0XbTz', { name: 'shop-backend', expiresAt: null }),
  apiKeyOf('7Qw2', { name: 'trial', expiresAt: atSecond(200_000), lastUsedAt: null }),
  apiKeyOf('9Zx8', { name: 'autumn-intern', expiresAt: atSecond(-86_400), lastUsedAt: atSecond(-90_000) }),
  apiKeyOf('5Lm1', { name: 'leaked', scopes: ['playback'], revokedAt: atSecond(-604_800) }),
];

export const auditEntryOf = (id: number, change: Partial<AuditEntryView> = {}): AuditEntryView => ({
  id: String(id),
  at: atSecond((id - 100) * 600),
  subject: 'api-key:3fK9sLq0XbTz',
  action: 'startRelay',
  channelId: 'autumn-sale',
  outcome: 'ok',
  requestId: `req-${id}`,
  address: '203.0.113.7',
  detail: {},
  ...change,
});

/** The newest first. One of each kind of caller, and one that was refused. */
export const auditEntries: readonly AuditEntryView[] = [
  auditEntryOf(100, {
    subject: 'api-key:operations',
    action: 'changeChannel',
    detail: { streamMode: 'agora-only', maxVideoBitrateKbps: 2_500 },
  }),
  auditEntryOf(99, {
    subject: 'oidc:https://login.example/realms/shop#user-4711',
    action: 'stopRelay',
    channelId: 'toy-fair',
  }),
  auditEntryOf(98, { action: 'rotateStreamKey', channelId: 'book-club', outcome: 'cannot-rotate-key' }),
  auditEntryOf(97, {
    subject: 'anonymous',
    action: 'login',
    channelId: null,
    outcome: 'not-authenticated',
    address: '2001:db8::1f',
    detail: { method: 'api-key' },
  }),
  auditEntryOf(96, {
    subject: 'agora-notification',
    address: null,
    detail: { agoraChannel: 'autumn', hostUids: [7] },
  }),
  auditEntryOf(95, {
    subject: 'command-line',
    action: 'api-key.create',
    channelId: null,
    requestId: '',
    address: null,
    detail: { id: '3fK9sLq0XbTz', name: 'shop-backend', scopes: ['operate'] },
  }),
];

/** An hour of points every 10 s, with 5 min in which nothing was measured. */
export const metricPoints: readonly MetricPoint[] = Array.from({ length: 360 }, (_, index): MetricPoint => {
  const gap = index >= 180 && index < 210;
  const wave = Math.round(40 * Math.sin(index / 20));
  return {
    at: atSecond((index - 360) * 10),
    agoraViewers: gap ? null : 30 + Math.round(wave / 8),
    hlsViewers: gap ? null : Math.min(380, index * 3) + wave,
    hlsViewersMost: null,
    bitrateKbps: gap ? null : 2_450 + wave,
    health: gap ? null : 'good',
    samples: gap ? 0 : 1,
    gaps: gap ? 1 : 0,
  };
});

const figures = {
  sessions: 120,
  playingSeconds: 7_000,
  stalledRatio: 0.004,
  stallsPerHour: 1.2,
  startupP50: 0.8,
  startupP95: 2.1,
  latencyP50: 5.2,
  latencyP95: 7.4,
  droppedRatio: 0.001,
  fatal: 0,
} as const;

export const qoe: QoeView = {
  from: atSecond(-3_600),
  to: atSecond(0),
  connected: 120,
  watching: 104,
  counts: { ageSeconds: 20, estimated: false, sampleRate: 1 },
  ...figures,
  minutes: Array.from({ length: 60 }, (_, index) => ({
    at: atSecond((index - 60) * 60),
    ...figures,
    latencyP50: 5 + Math.sin(index / 6),
    latencyP95: 7.5 + Math.sin(index / 4),
    stalledRatio: index === 40 ? 0.06 : 0.004,
  })),
  platforms: [],
  browsers: [],
};
