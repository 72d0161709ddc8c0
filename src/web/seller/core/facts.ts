import type {
  ConditionStatus,
  EffectiveStreamMode,
  RelayStatus,
  StreamMode,
  VideoOutput,
} from '../../../api/values.ts';

/**
 * What the seller's view knows. undefined: unknown, and never 0. Times named `at` are monotonic milliseconds of this
 * device, so that a wrong clock makes nothing old; times named `since` are milliseconds since the epoch, for people.
 */

export interface ConditionFacts {
  readonly status: ConditionStatus;
  readonly reason: string;
  readonly since: number | undefined;
}

export interface SellerChannel {
  readonly status: RelayStatus;
  /** The channel should be on air. */
  readonly wanted: boolean;
  /** Stopped because there was no host, or no viewer. */
  readonly idle: boolean;
  /** Deleted, or being deleted. */
  readonly ended: boolean;
  readonly streamMode: StreamMode;
  /** What viewers use now. */
  readonly mode: EffectiveStreamMode | undefined;
  readonly platform: string | undefined;
  readonly conditions: Readonly<Partial<Record<string, ConditionFacts>>>;
}

/** What the relay reported. */
export interface MediaFacts {
  readonly at: number;
  /** What viewers see: the host, its last frame or the slate instead, or nothing. */
  readonly output: VideoOutput;
  /** What the host publishes; undefined: there is no host. */
  readonly host: { readonly video: boolean; readonly audio: boolean } | undefined;
  readonly inKbps: number;
  readonly frameRate: number;
  readonly width: number | undefined;
  readonly height: number | undefined;
  readonly keyframeSeconds: number | undefined;
  /** By which sound is later than the video; negative: earlier. undefined as well while there is no sound. */
  readonly soundLateMs: number | undefined;
  /** How far the platform is behind in accepting media. */
  readonly lagMs: number | undefined;
  /** Loss between Agora and the relay. */
  readonly lossPercent: number | undefined;
  /** The platform accepts less than the host sends, so that the relay sends less. */
  readonly congested: boolean;
}

/** What is measured every 2 s. */
export interface Numbers {
  /** Viewers on HLS, and on Agora. */
  readonly hls: number | undefined;
  readonly agora: number | undefined;
  readonly media: MediaFacts | undefined;
}

/** What players of buyers reported; figures of few players are unknown. */
export interface BuyerFacts {
  readonly at: number;
  /** Players that report, and those of them that play on a visible page; undefined: unknown. */
  readonly connected: number | undefined;
  readonly watching: number | undefined;
  /** Number of players behind the figures. */
  readonly sessions: number;
  /** 0 to 1. */
  readonly stalledShare: number | undefined;
  readonly latencySeconds: number | undefined;
}

/** The app's own figures of the seller's Agora client. */
export interface UplinkFacts {
  readonly at: number;
  /** As `network-quality` reports it: 1 excellent to 6 down; undefined: unknown. */
  readonly quality: number | undefined;
  readonly lossPercent: number | undefined;
}

export type ServiceState =
  /** Not asked yet, or not answered. */
  | 'connecting'
  | 'ok'
  /** Does not answer. */
  | 'away'
  /** The ticket is not accepted. */
  | 'refused';

export interface HealthFacts {
  /** Monotonic milliseconds. */
  readonly now: number;
  readonly service: ServiceState;
  readonly channel: SellerChannel | undefined;
  readonly media: MediaFacts | undefined;
  readonly buyers: BuyerFacts | undefined;
  /** How far buyers are usually behind the host on this platform, in seconds. */
  readonly expectedDelaySeconds: number | undefined;
  readonly uplink: UplinkFacts | undefined;
}
