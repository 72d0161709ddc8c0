import type { Health } from '../../../api/values.ts';
import type { HealthFacts, MediaFacts, SellerChannel } from './facts.ts';
import type { Usual } from './usual.ts';

/** Whose a fault is. */
export const faults = ['yours', 'ours', 'agora', 'platform', 'buyers'] as const;
export type Fault = (typeof faults)[number];

export const causeKeys = [
  'relay-error',
  'relay-starting',
  'old-video',
  'upload-loss',
  'uplink',
  'frame-rate',
  'bitrate',
  'agora-loss',
  'ingest',
  'no-sound',
  'sound-offset',
  'keyframes',
  'stalls',
  'delay',
  'migrating',
] as const;
export type CauseKey = (typeof causeKeys)[number];

/** Figures of a cause, by the name of their place in its texts. `limit` is the bound that was passed. */
export type Figures = Readonly<Record<string, number>>;

/** What a signal says now. */
export interface Reading {
  readonly level: Health;
  readonly figures: Figures;
  readonly fault: Fault;
}

/** Where a signal comes from: without it, nothing is known of the signal. */
export type SignalSource = 'channel' | 'media' | 'buyers' | 'uplink';

export interface Signal {
  readonly source: SignalSource;
  /** For how long a reading must be the same until it counts; default: at once. */
  readonly fairAfterMs?: number;
  readonly poorAfterMs?: number;
  /** undefined: unknown. */
  readonly read: (facts: HealthFacts, usual: Usual) => Reading | undefined;
}

/** A value at which a signal is fair, and one at which it is poor. */
interface Limits {
  readonly fair: number;
  readonly poor: number;
}

const LOSS_PERCENT: Limits = { fair: 2, poor: 8 };
const LOSS_POOR_AFTER_MS = 10_000;
/** Of Agora's network-quality: 3 = poor, 4 = bad, 5 = very bad, 6 = down. */
const UPLINK: Limits = { fair: 3, poor: 5 };
/** Parts of what is usual for this host. */
const FRAME_RATE_SHARE: Limits = { fair: 0.8, poor: 0.5 };
const BITRATE_SHARE: Limits = { fair: 0.5, poor: 0.2 };
/** The relay requests a keyframe every 2 s unless the channel is set otherwise, which its view does not say. */
const REQUESTED_KEYFRAME_SECONDS = 2;
const KEYFRAME_SECONDS: Limits = { fair: 2 * REQUESTED_KEYFRAME_SECONDS + 1, poor: 10 };
/** Viewers notice sound that is early sooner than sound that is late (ITU-R BT.1359). */
const SOUND_EARLY_MS = 45;
const SOUND_LATE_MS = 125;
const SOUND_POOR_MS = 500;
const NO_SOUND_AFTER_MS = 10_000;
const LAG_MS: Limits = { fair: 1_500, poor: 5_000 };
const OLD_VIDEO_POOR_AFTER_MS = 10_000;
const START_POOR_AFTER_MS = 30_000;
/** From a relay's pod to media at the platform. */
const USUAL_START_SECONDS = 15;
/** Shares of the buyers' time. */
const STALLED: Limits = { fair: 0.01, poor: 0.05 };
/** Fewer players describe single connections. */
const LEAST_PLAYERS = 3;
/** Seconds over what is usual on the platform, and seconds at which no answer to a buyer fits. */
const DELAY_OVER_SECONDS = 4;
const DELAY_POOR_SECONDS = 20;

/** Worst first: of two causes of the same level, the first is named first. */
export const signals: Readonly<Record<CauseKey, Signal>> = {
  'relay-error': {
    source: 'channel',
    read: ({ channel }) =>
      channel && {
        level: channel.status === 'error' ? 'poor' : 'good',
        figures: {},
        fault: faultOfError(channel),
      },
  },
  'relay-starting': {
    source: 'channel',
    poorAfterMs: START_POOR_AFTER_MS,
    read: ({ channel }) =>
      channel &&
      ours(channel.status === 'starting' || channel.status === 'stopped' ? 'poor' : 'good', {
        n: USUAL_START_SECONDS,
        limit: START_POOR_AFTER_MS / 1_000,
      }),
  },
  'old-video': {
    source: 'media',
    poorAfterMs: OLD_VIDEO_POOR_AFTER_MS,
    read: ({ media }) =>
      media &&
      ours(media.host?.video === true && media.output !== 'live' ? 'poor' : 'good', {
        limit: OLD_VIDEO_POOR_AFTER_MS / 1_000,
      }),
  },
  'upload-loss': {
    source: 'uplink',
    poorAfterMs: LOSS_POOR_AFTER_MS,
    read: ({ uplink }) => over(uplink?.lossPercent, LOSS_PERCENT, 'yours'),
  },
  uplink: {
    source: 'uplink',
    read: ({ uplink }) => {
      const quality = uplink?.quality;
      if (quality === undefined) return undefined;
      return {
        level: reaching(quality, UPLINK),
        figures: { n: quality, limit: UPLINK.fair },
        fault: 'yours',
      };
    },
  },
  'frame-rate': {
    source: 'media',
    read: ({ media }, usual) => below(media?.frameRate, usual.frameRate, FRAME_RATE_SHARE),
  },
  bitrate: {
    source: 'media',
    read: ({ media }, usual) => below(media?.inKbps, usual.inKbps, BITRATE_SHARE),
  },
  'agora-loss': {
    source: 'media',
    poorAfterMs: LOSS_POOR_AFTER_MS,
    read: ({ media }) => over(media?.lossPercent, LOSS_PERCENT, 'agora'),
  },
  ingest: {
    source: 'media',
    read: ({ media }) => {
      const seen = over(media?.lagMs, LAG_MS, 'ours', 1 / 1_000);
      if (media?.congested !== true || seen?.level === 'poor') return seen;
      return ours('fair', seen?.figures ?? { limit: LAG_MS.fair / 1_000 });
    },
  },
  'no-sound': {
    source: 'media',
    fairAfterMs: NO_SOUND_AFTER_MS,
    read: ({ media }) =>
      media && {
        level: media.host?.audio === true && media.soundLateMs === undefined ? 'fair' : 'good',
        figures: { limit: NO_SOUND_AFTER_MS / 1_000 },
        fault: 'yours',
      },
  },
  'sound-offset': {
    source: 'media',
    read: ({ media }) => {
      const late = media?.soundLateMs;
      if (late === undefined) return undefined;
      const fair = late > 0 ? SOUND_LATE_MS : SOUND_EARLY_MS;
      const level = exceeding(Math.abs(late), { fair, poor: SOUND_POOR_MS });
      return ours(level, { n: Math.round(late), limit: level === 'poor' ? SOUND_POOR_MS : fair });
    },
  },
  keyframes: {
    source: 'media',
    read: ({ media }) => over(media?.keyframeSeconds, KEYFRAME_SECONDS, 'ours'),
  },
  stalls: {
    source: 'buyers',
    read: ({ buyers }) => {
      if (buyers === undefined || buyers.sessions < LEAST_PLAYERS) return undefined;
      return over(buyers.stalledShare, STALLED, 'buyers', 100);
    },
  },
  delay: {
    source: 'buyers',
    read: ({ buyers, expectedDelaySeconds }) => {
      if (expectedDelaySeconds === undefined) return undefined;
      const fair = Math.min(expectedDelaySeconds + DELAY_OVER_SECONDS, DELAY_POOR_SECONDS);
      return over(buyers?.latencySeconds, { fair, poor: DELAY_POOR_SECONDS }, 'platform');
    },
  },
  migrating: {
    source: 'channel',
    // Viewers watch the old stream until the new one can be played: never poor by itself.
    read: ({ channel }) => {
      const { reason, status } = channel?.conditions['StreamReady'] ?? {};
      return channel && ours(reason === 'Migrating' && status === 'True' ? 'fair' : 'good', {});
    },
  },
};

/** Whether all is known that it takes to call a show on air good. Sound may be off, and buyers may be few. */
export function isKnown({ lagMs, lossPercent, keyframeSeconds }: MediaFacts): boolean {
  return lagMs !== undefined && lossPercent !== undefined && keyframeSeconds !== undefined;
}

const ours = (level: Health, figures: Figures): Reading => ({ level, figures, fault: 'ours' });

function exceeding(value: number, { fair, poor }: Limits): Health {
  if (value > poor) return 'poor';
  return value > fair ? 'fair' : 'good';
}

function reaching(value: number, { fair, poor }: Limits): Health {
  if (value >= poor) return 'poor';
  return value >= fair ? 'fair' : 'good';
}

/** `scale` is for the figures that people read. */
function over(value: number | undefined, limits: Limits, fault: Fault, scale = 1): Reading | undefined {
  if (value === undefined) return undefined;
  const level = exceeding(value, limits);
  const limit = level === 'poor' ? limits.poor : limits.fair;
  return { level, figures: { n: value * scale, limit: limit * scale }, fault };
}

/** A host that sends less than usual. */
function below(value: number | undefined, usual: number | undefined, share: Limits): Reading | undefined {
  if (value === undefined || usual === undefined || usual <= 0) return undefined;
  const now = value / usual;
  const level = now < share.poor ? 'poor' : now < share.fair ? 'fair' : 'good';
  const limit = usual * (level === 'poor' ? share.poor : share.fair);
  return {
    level,
    figures: { n: Math.round(value), m: Math.round(usual), limit: Math.round(limit) },
    fault: 'yours',
  };
}

function faultOfError({ conditions }: SellerChannel): Fault {
  if (conditions['RelayReady']?.reason.startsWith('Agora') === true) return 'agora';
  return conditions['StreamReady']?.status === 'False' ? 'platform' : 'ours';
}
