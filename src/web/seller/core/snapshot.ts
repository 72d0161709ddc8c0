import type { EffectiveStreamMode, Health } from '../../../api/values.ts';
import type { BuyerFacts, MediaFacts, SellerChannel, ServiceState } from './facts.ts';
import type { HealthView } from './health.ts';

/**
 * What the seller's components know, and what they can ask for. The session implements it for a channel of the service;
 * the gallery and the component tests implement it with plain values. undefined: unknown.
 */

export interface HistoryPoint {
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly hls: number | undefined;
  readonly agora: number | undefined;
  readonly kbps: number | undefined;
  readonly health: Health | undefined;
}

export interface DeliveryOption {
  readonly mode: EffectiveStreamMode;
  readonly usdPerThousandViewerMinutes: number | undefined;
  readonly usdPerHour: number | undefined;
  readonly delaySeconds: number;
}

export interface DeliveryView {
  readonly options: readonly DeliveryOption[];
  readonly chosen: EffectiveStreamMode | undefined;
  readonly breakEvenViewers: number | undefined;
}

/** How far buyers are behind the seller. */
export interface DelayView {
  readonly seconds: number;
  /** By players of buyers; otherwise what is usual on the platform. */
  readonly measured: boolean;
}

/** Something that the seller has asked for. */
export interface ChangeView {
  readonly kind: 'mode' | 'start' | 'stop';
  readonly state: 'pending' | 'failed';
}

export interface SellerSnapshot {
  readonly service: ServiceState;
  readonly health: HealthView;
  readonly channel: SellerChannel | undefined;
  /** A change of the mode that buyers have been told of, and from when it holds, in milliseconds since the epoch. */
  readonly announced: { readonly mode: EffectiveStreamMode; readonly at: number } | undefined;
  readonly viewers: { readonly hls: number | undefined; readonly agora: number | undefined };
  /** Whole seconds since viewers and media were measured; undefined: they are unknown. */
  readonly numbersAge: number | undefined;
  readonly media: Omit<MediaFacts, 'at'> | undefined;
  readonly buyers: Omit<BuyerFacts, 'at'> | undefined;
  readonly buyersAge: number | undefined;
  readonly delay: DelayView | undefined;
  /** Oldest first; undefined: not known yet. */
  readonly history: readonly HistoryPoint[] | undefined;
  readonly delivery: DeliveryView | undefined;
  /** What the ticket grants. */
  readonly canStart: boolean;
  readonly canStop: boolean;
  readonly change: ChangeView | undefined;
}

/** Figures of the seller's own Agora client, as the app reads them. */
export interface AgoraFigures {
  /** `uplinkNetworkQuality` of the event `network-quality`: 0 unknown, 1 excellent to 6 down. */
  readonly uplinkQuality?: number | undefined;
  /** Lost part of the video packets that were sent since the last reading, in percent (`getLocalVideoStats()`). */
  readonly sendLossPercent?: number | undefined;
  /** When they were read, in milliseconds since the epoch. */
  readonly at: number;
}

/** A show as its seller sees it. `subscribe` and `snapshot` are made for React's useSyncExternalStore. */
export interface Seller {
  subscribe(changed: () => void): () => void;
  /** The same object until something changes. */
  snapshot(): SellerSnapshot;
  setMode(mode: EffectiveStreamMode): void;
  start(): void;
  stop(): void;
}

/** What is known before anything is: also what a server renders. */
export const connectingSeller: SellerSnapshot = {
  service: 'connecting',
  health: { level: 'unknown', reason: 'connecting' },
  channel: undefined,
  announced: undefined,
  viewers: { hls: undefined, agora: undefined },
  numbersAge: undefined,
  media: undefined,
  buyers: undefined,
  buyersAge: undefined,
  delay: undefined,
  history: undefined,
  delivery: undefined,
  canStart: false,
  canStop: false,
  change: undefined,
};
