import type { Provider, StreamingPlatformSpec } from '../api/streaming-platform.ts';
import type { Resolution } from '../api/values.ts';

/** A millionth of a US dollar; always a whole number, so that sums are exact. */
export type MicroDollars = number;

/** List prices of one provider, without discounts, free tiers and taxes: those belong to accounts, not to streams. */
export interface Rates {
  /** An hour on air. Where the price depends on an option of the platform: by that option. */
  readonly input: (spec: PricedPlatform, resolution: Resolution) => MicroDollars;
  /** What one viewer costs in an hour: of the region and the volume step in use. */
  readonly delivery: Readonly<Record<Resolution, MicroDollars>>;
  /** Where the viewers are for whom that is. undefined: everywhere. */
  readonly region?: string | undefined;
  /** The volume step in use: from so many viewer-hours a month on. undefined: there are none. */
  readonly fromHours?: number | undefined;
  /** Every region whose price is known. */
  readonly regions?: Readonly<Record<string, Tariff>> | undefined;
  /** Keeping an hour of recording for a month. */
  readonly storage: MicroDollars;
  /** true where a stream cannot be had without its recording. */
  readonly alwaysRecorded: boolean;
  readonly source: string;
  /** When the source was read: YYYY-MM-DD. */
  readonly asOf: string;
}

/** From so many viewer-hours on, which an account delivers in a month, each further one costs so much. */
export interface VolumeStep {
  readonly fromHours: number;
  readonly delivery: Rates['delivery'];
}

/** Rising, from 0 hours on. */
export type Tariff = readonly [VolumeStep, ...VolumeStep[]];

/** undefined: nobody knows what it costs. */
export type PriceBook = Readonly<Record<Provider, Rates | undefined>>;

/** As much of a StreamingPlatform's spec as prices depend on. */
export interface PricedPlatform {
  readonly provider: Provider;
  readonly ivs?: Pick<NonNullable<StreamingPlatformSpec['ivs']>, 'channelType'> | undefined;
  readonly mux?: Pick<NonNullable<StreamingPlatformSpec['mux']>, 'test'> | undefined;
}

/** Of US dollars. */
export const microDollars = (amount: number): MicroDollars => Math.round(amount * 1_000_000);
const everyResolution = (price: MicroDollars): Rates['delivery'] => ({
  '480p': price,
  '720p': price,
  '1080p': price,
});

export const ivsChannelTypes = ['STANDARD', 'BASIC', 'ADVANCED_HD', 'ADVANCED_SD'] as const;

const ivsInput = {
  STANDARD: microDollars(2),
  BASIC: microDollars(0.2),
  ADVANCED_HD: microDollars(0.85),
  ADVANCED_SD: microDollars(0.5),
} as const;

/** Amazon IVS, the first 10,000 hours of a month: the same in both regions. */
const ivsDelivery: Rates['delivery'] = {
  '480p': microDollars(0.036),
  '720p': microDollars(0.072),
  '1080p': microDollars(0.144),
};

/** docs/channels/costs.md tells how sure each of them is. */
export const listPrices: PriceBook = {
  ivs: {
    input: ({ ivs }) => ivsInput[ivs?.channelType ?? 'STANDARD'],
    delivery: ivsDelivery,
    region: 'north-america',
    regions: {
      'north-america': [{ fromHours: 0, delivery: ivsDelivery }],
      europe: [{ fromHours: 0, delivery: ivsDelivery }],
    },
    storage: 0, // recordings go to a bucket of one's own
    alwaysRecorded: false,
    source: 'https://aws.amazon.com/ivs/pricing/',
    asOf: '2026-10-09',
  },
  cloudflare: {
    input: () => 0,
    delivery: everyResolution(microDollars(0.06)), // 1 USD for 1,000 minutes
    storage: microDollars(0.3), // 5 USD for 1,000 minutes
    alwaysRecorded: true,
    source: 'https://developers.cloudflare.com/stream/pricing/',
    asOf: '2026-10-09',
  },
  mux: {
    input: ({ mux }, resolution) =>
      mux?.test === true ? 0 : resolution === '1080p' ? microDollars(1.875) : microDollars(1.5),
    delivery: { '480p': microDollars(0.048), '720p': microDollars(0.048), '1080p': microDollars(0.06) },
    storage: microDollars(0.18), // 0.003 USD a minute at 1080p
    alwaysRecorded: false,
    source: 'https://www.mux.com/docs/pricing/video',
    asOf: '2026-10-09',
  },
  // Costs what its nodes and their traffic cost, which no stream adds to by itself.
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

/** One stream, as it is now. */
export interface Broadcast {
  readonly live: boolean;
  /** undefined: nobody knows. */
  readonly viewers: number | undefined;
  readonly resolution: Resolution;
  readonly recorded?: boolean;
}

export interface HourlyCost {
  readonly microDollars: MicroDollars;
  /** false: it is more than that, because nobody knows how many viewers there are. */
  readonly complete: boolean;
}

/** What an hour like this one costs at list price. undefined where the provider's prices are not known. */
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
