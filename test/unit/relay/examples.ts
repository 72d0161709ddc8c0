import type { RelayReport } from '../../../src/api/relay-contract.ts';
import type {
  BrowserFacts,
  Facts,
  IngestFacts,
  MediaFacts,
  ResourceFacts,
  RoomFacts,
} from '../../../src/relay/facts.ts';
import { noCongestion } from '../../../src/relay/congestion/congestion.ts';
import type { PlanChoice } from '../../../src/relay/ingest/session-plan.ts';
import type { VideoFormat } from '../../../src/relay/media/packet.ts';

export const NOW = 1_000_000;

export const host = { uid: 7, video: true, audio: true };
export const browserUp = {
  phase: 'up',
  since: NOW - 60_000,
  heartbeatAt: NOW - 500,
  memoryMiB: 150,
  failures: 0,
} as const satisfies BrowserFacts;
export const joined: RoomFacts = {
  phase: 'joined',
  since: NOW - 60_000,
  retryAt: 0,
  fault: undefined,
  channelName: 'show',
  hostUid: undefined,
  tokenRefusals: 0,
  host,
  videoSince: NOW - 60_000,
  videoStream: 'high',
  packetsAt: NOW - 300,
};
export const noHost: RoomFacts = { ...joined, host: null, videoSince: undefined, packetsAt: undefined };
export const h264: VideoFormat = {
  codec: 'h264',
  width: 1_280,
  height: 720,
  parameterSets: { sps: Uint8Array.of(0x67, 0x42), pps: Uint8Array.of(0x68) },
};
export const hostMedia: MediaFacts = {
  videoAt: NOW - 30,
  audioAt: NOW - 20,
  format: h264,
  unsupportedSize: undefined,
  keyframeAt: NOW - 900,
  receiverSince: NOW - 60_000,
  videoBitrateKbps: 2_500,
  frameRate: 30,
  sizeChanges: 0,
  heldSince: undefined,
};
export const noMedia: MediaFacts = {
  ...hostMedia,
  videoAt: undefined,
  audioAt: undefined,
  format: undefined,
  keyframeAt: undefined,
  receiverSince: undefined,
  videoBitrateKbps: 0,
  frameRate: 0,
};
export const noSession: IngestFacts = {
  phase: 'none',
  since: NOW - 60_000,
  plan: undefined,
  format: undefined,
  encodedAt: undefined,
  acceptedAt: undefined,
  lagMs: 0,
  gopsDropped: 0,
  retryAt: 0,
  failure: undefined,
  refusals: 0,
  refusedSince: undefined,
  keyWorked: false,
};
export const publishing: IngestFacts = {
  ...noSession,
  phase: 'publishing',
  since: NOW - 30_000,
  plan: { mode: 'passthrough' },
  format: h264,
  encodedAt: NOW - 30,
  acceptedAt: NOW - 100,
  lagMs: 90,
  keyWorked: true,
};
export const wellOff: ResourceFacts = {
  memoryMiB: 250,
  memoryLimitMiB: 512,
  refaultsPerSecond: 0,
  throttled: 0,
  lateMs: 0,
};
export const passOn: PlanChoice = {
  plan: { mode: 'passthrough' },
  reason: 'Live',
  message: '',
  neededAt: -Infinity,
};
export const allWell: Facts = {
  stopping: false,
  standby: false,
  browser: browserUp,
  room: joined,
  media: hostMedia,
  ingest: publishing,
  resources: wellOff,
  plan: passOn,
  congestion: noCongestion(60_000),
  reencoder: { plan: undefined, failures: 0 },
};

export const liveReport: RelayReport = {
  state: 'live',
  reason: 'Live',
  message: 'x',
  since: '2026-01-01T00:00:00.000Z',
  standby: false,
  mode: 'passthrough',
  modeReason: '',
  congestion: { step: 'full', message: '', acceptedKbps: null, stepsDown: 1, stepsUp: 1 },
  videoOutput: 'live',
  codec: 'h264',
  host: null,
  liveSince: null,
  lastAcceptedAt: null,
  inBitrateKbps: 2_500,
  outBitrateKbps: 2_600,
  frameRate: 30,
  width: 1_280,
  height: 720,
  keyframeIntervalSeconds: 2,
  avOffsetMs: 12,
  lagMs: 80,
  packetLossPercent: 0.5,
  jitterMs: 4,
  framesDropped: { 'after-loss': 3, 'slow-ingest': 60, 'slow-relay': 0, codec: 0 },
  memoryMiB: 250,
  memoryLimitMiB: 512,
  restarts: { 'browser/BrowserCrashed': 2 },
  lastError: null,
  secondsInState: { starting: 1.5, live: 600 },
  health: 'good',
  healthReason: '',
};
