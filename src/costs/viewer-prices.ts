import type { MicroDollars, PricedPlatform, PriceBook } from './price-book.ts';
import type { Resolution } from '../api/values.ts';

export type AgoraTier = 'interactive' | 'broadcast';
export type PerResolution = Readonly<Record<Resolution, MicroDollars>>;

/** What does not depend on the platform: Agora's own viewers, of which the relay is one, and the relay's pod. */
export interface CommonPrices {
  readonly agora: Readonly<Record<AgoraTier, PerResolution>>;
  /** Which of them the app's viewers are at. */
  readonly tier: AgoraTier;
  /** A relay pod for an hour: what its share of a node costs. Assumed; replace it by your own. */
  readonly pod: PerResolution;
  readonly source: string;
  /** When the source was read: YYYY-MM-DD. */
  readonly asOf: string;
}

/** Everything that has a price, dated and with its source. */
export interface Prices {
  readonly version: string;
  readonly common: CommonPrices;
  readonly platforms: PriceBook;
}

/** How a channel would be on air. */
export interface PricingOptions {
  readonly platform: PricedPlatform;
  readonly resolution: Resolution;
  /** Left out: that of the prices. */
  readonly tier?: AgoraTier | undefined;
  readonly recorded?: boolean;
}

/** The three figures that decide between Agora and HLS, in micro-dollars an hour. */
export interface HourlyRates {
  /** A viewer on Agora. */
  readonly agoraViewer: MicroDollars;
  /** The relay: its own subscription at Agora, its pod, the platform's input, the recording that cannot be left out. */
  readonly relay: MicroDollars;
  /** A viewer on HLS. */
  readonly hlsViewer: MicroDollars;
}

/** undefined where nobody knows what the platform costs. */
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

/** What a viewer on Agora costs in an hour; the relay is one, too. */
export function agoraViewerPrice({ agora, tier }: CommonPrices, resolution: Resolution): MicroDollars {
  return agora[tier][resolution];
}

/** An hour with so many viewers, in micro-dollars. */
export const hourOnAgora = ({ agoraViewer }: HourlyRates, viewers: number): MicroDollars =>
  viewers * agoraViewer;
export const hourOnHls = ({ relay, hlsViewer }: HourlyRates, viewers: number): MicroDollars =>
  relay + viewers * hlsViewer;

/** The least number of viewers from which on HLS is cheaper; undefined where it never is. */
export function breakEvenViewers({ agoraViewer, relay, hlsViewer }: HourlyRates): number | undefined {
  if (agoraViewer <= hlsViewer) return undefined;
  return Math.floor(relay / (agoraViewer - hlsViewer)) + 1;
}
