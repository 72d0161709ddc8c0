import type { MicroDollars, PricedPlatform, PriceBook } from './price-book.ts';
import type { Resolution } from '../api/values.ts';

/** Price tiers of Agora for viewers. */
export type AgoraTier = 'interactive' | 'broadcast';
/** A price for each resolution. */
export type PerResolution = Readonly<Record<Resolution, MicroDollars>>;

/** Prices that do not depend on the platform: viewers on Agora, of which the relay is one, and the relay's pod. */
export interface CommonPrices {
  readonly agora: Readonly<Record<AgoraTier, PerResolution>>;
  /** The price tier of the app's viewers. */
  readonly tier: AgoraTier;
  /** A host on Agora for an hour: it publishes and receives no video, so Agora bills audio minutes. */
  readonly agoraHost: MicroDollars;
  /** A relay pod for an hour: its share of a node's costs. An assumption; a custom price book can replace it. */
  readonly pod: PerResolution;
  readonly source: string;
  /** When the source was read: YYYY-MM-DD. */
  readonly asOf: string;
}

/** A complete price book: all prices, with their dates and sources. */
export interface Prices {
  readonly version: string;
  readonly common: CommonPrices;
  readonly platforms: PriceBook;
}

/** The options of a channel that its prices depend on. */
export interface PricingOptions {
  readonly platform: PricedPlatform;
  readonly resolution: Resolution;
  /** Default: the tier of the price book. */
  readonly tier?: AgoraTier | undefined;
  readonly recorded?: boolean;
}

/** The three figures that decide between Agora and HLS, in micro-dollars an hour. */
export interface HourlyRates {
  /** One viewer on Agora. */
  readonly agoraViewer: MicroDollars;
  /** The relay: its subscription at Agora, its pod, the platform's input, and a recording if one is stored. */
  readonly relay: MicroDollars;
  /** One viewer on HLS. */
  readonly hlsViewer: MicroDollars;
}

/** The rates of a channel with these options. undefined if the platform's prices are not known. */
export function hourlyRates({ common, platforms }: Prices, setting: PricingOptions): HourlyRates | undefined {
  const { platform, resolution, tier = common.tier, recorded = false } = setting;
  const rates = platforms[platform.provider];
  if (rates === undefined) return undefined;
  const storage = recorded || rates.alwaysRecorded ? rates.storage : 0;
  const agoraViewer = common.agora[tier][resolution];
  return {
    agoraViewer,
    relay: agoraViewer + common.pod[resolution] + rates.input(platform, resolution) + storage,
    hlsViewer: rates.delivery[resolution],
  };
}

/** The price of one viewer on Agora for an hour. The relay is such a viewer, too. */
export function agoraViewerPrice({ agora, tier }: CommonPrices, resolution: Resolution): MicroDollars {
  return agora[tier][resolution];
}

/** The costs of an hour with that number of viewers on Agora only, in micro-dollars. */
export const hourOnAgora = ({ agoraViewer }: HourlyRates, viewers: number): MicroDollars =>
  viewers * agoraViewer;
/** The costs of an hour with that number of viewers on HLS, in micro-dollars. */
export const hourOnHls = ({ relay, hlsViewer }: HourlyRates, viewers: number): MicroDollars =>
  relay + viewers * hlsViewer;

/** The smallest number of viewers for which HLS is cheaper than Agora; undefined if it never is. */
export function breakEvenViewers({ agoraViewer, relay, hlsViewer }: HourlyRates): number | undefined {
  if (agoraViewer <= hlsViewer) return undefined;
  return Math.floor(relay / (agoraViewer - hlsViewer)) + 1;
}
