import type { Provider, StreamingPlatformSpec } from '../api/streaming-platform.ts';
import type { Resolution } from '../api/values.ts';

/** Millionths of a US dollar. Always an integer, so that sums are exact. */
export type MicroDollars = number;

/** List prices of one provider, without discounts, free tiers and taxes, which depend on the account. */
export interface Rates {
  /** The price of an hour on air. Depends on the resolution and, at some providers, on an option of the platform. */
  readonly input: (spec: PricedPlatform, resolution: Resolution) => MicroDollars;
  /** The price of one viewer for an hour, in the region and volume step in use. */
  readonly delivery: Readonly<Record<Resolution, MicroDollars>>;
  /** The region of the viewers that `delivery` applies to. undefined: all regions. */
  readonly region?: string | undefined;
  /** Lower bound of the volume step in use, in viewer-hours per month. undefined: the price has no steps. */
  readonly fromHours?: number | undefined;
  /** The prices of all known regions. */
  readonly regions?: Readonly<Record<string, Tariff>> | undefined;
  /** The price of storing an hour of recording for a month. */
  readonly storage: MicroDollars;
  /** true if the provider records every stream. */
  readonly alwaysRecorded: boolean;
  readonly source: string;
  /** When the source was read: YYYY-MM-DD. */
  readonly asOf: string;
}

/** The price of each viewer-hour above `fromHours` viewer-hours of an account in a month. */
export interface VolumeStep {
  readonly fromHours: number;
  readonly delivery: Rates['delivery'];
}

/** Volume steps in increasing order. The first begins at 0 hours. */
export type Tariff = readonly [VolumeStep, ...VolumeStep[]];

/** undefined: the provider's prices are not known. */
export type PriceBook = Readonly<Record<Provider, Rates | undefined>>;

/** The part of a StreamingPlatform's spec that prices depend on. */
export interface PricedPlatform {
  readonly provider: Provider;
  readonly ivs?: Pick<NonNullable<StreamingPlatformSpec['ivs']>, 'channelType'> | undefined;
  readonly mux?: Pick<NonNullable<StreamingPlatformSpec['mux']>, 'test'> | undefined;
}

/** Converts US dollars to micro-dollars. */
export const microDollars = (amount: number): MicroDollars => Math.round(amount * 1_000_000);
const everyResolution = (price: MicroDollars): Rates['delivery'] => ({
  '480p': price,
  '720p': price,
  '1080p': price,
});

/** Channel types of Amazon IVS that have a price. */
export const ivsChannelTypes = ['STANDARD', 'BASIC', 'ADVANCED_HD', 'ADVANCED_SD'] as const;

const ivsInput = {
  STANDARD: microDollars(2),
  BASIC: microDollars(0.2),
  ADVANCED_HD: microDollars(0.85),
  ADVANCED_SD: microDollars(0.5),
} as const;

/** Amazon IVS, the first 10,000 hours of a month. The price is the same in both regions. */
const ivsDelivery: Rates['delivery'] = {
  '480p': microDollars(0.036),
  '720p': microDollars(0.072),
  '1080p': microDollars(0.144),
};

/** The built-in list prices. docs/channels/costs.md describes how certain each of them is. */
export const listPrices: PriceBook = {
  ivs: {
    input: ({ ivs }) => ivsInput[ivs?.channelType ?? 'STANDARD'],
    delivery: ivsDelivery,
    region: 'north-america',
    regions: {
      'north-america': [{ fromHours: 0, delivery: ivsDelivery }],
      europe: [{ fromHours: 0, delivery: ivsDelivery }],
    },
    storage: 0, // recordings go to the user's own S3 bucket
    alwaysRecorded: false,
    source: 'https://aws.amazon.com/ivs/pricing/',
    asOf: '2026-10-09',
  },
  cloudflare: {
    input: () => 0,
    delivery: everyResolution(microDollars(0.06)), // 1 USD per 1,000 minutes
    storage: microDollars(0.3), // 5 USD per 1,000 minutes
    alwaysRecorded: true,
    source: 'https://developers.cloudflare.com/stream/pricing/',
    asOf: '2026-10-09',
  },
  mux: {
    input: ({ mux }, resolution) =>
      mux?.test === true ? 0 : resolution === '1080p' ? microDollars(1.875) : microDollars(1.5),
    delivery: { '480p': microDollars(0.048), '720p': microDollars(0.048), '1080p': microDollars(0.06) },
    storage: microDollars(0.18), // 0.003 USD per minute at 1080p
    alwaysRecorded: false,
    source: 'https://www.mux.com/docs/pricing/video',
    asOf: '2026-10-09',
  },
  // An origin costs what its nodes and their traffic cost. A single stream has no price.
  origin: {
    input: () => 0,
    delivery: everyResolution(0),
    storage: 0,
    alwaysRecorded: false,
    source: 'docs/platforms/origin.md',
    asOf: '2026-10-09',
  },
  rtmp: undefined,
};

/** The current state of one stream, as far as its costs depend on it. */
export interface Broadcast {
  readonly live: boolean;
  /** undefined: the number is not known. */
  readonly viewers: number | undefined;
  readonly resolution: Resolution;
  readonly recorded?: boolean;
}

/** The costs of one stream for an hour. */
export interface HourlyCost {
  readonly microDollars: MicroDollars;
  /** false: the amount is a lower bound, because the number of viewers is not known. */
  readonly complete: boolean;
}

/** The costs of an hour in the given state. undefined if the provider's prices are not known. */
export function hourlyCost(
  spec: PricedPlatform,
  { live, viewers, resolution, recorded = false }: Broadcast,
  prices: PriceBook = listPrices,
): HourlyCost | undefined {
  const rates = prices[spec.provider];
  if (rates === undefined) return undefined;
  if (!live) return { microDollars: 0, complete: true };
  const input = rates.input(spec, resolution);
  const storage = recorded || rates.alwaysRecorded ? rates.storage : 0;
  const perViewer = rates.delivery[resolution];
  return {
    microDollars: input + storage + perViewer * (viewers ?? 0),
    complete: viewers !== undefined || perViewer === 0,
  };
}
