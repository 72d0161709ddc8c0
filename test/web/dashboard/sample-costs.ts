import type { BudgetView, PricesView } from '../../../src/server/contract/costs.ts';
import type { CostsView } from '../../../src/web/dashboard/costs/cost-queries.ts';
import { atSecond } from './sample-data.ts';

type Figures = Omit<CostsView, 'from' | 'to' | 'channels' | 'days' | 'platforms'>;

/** What a channel or a day cost, and would have cost on Agora alone. null: unknown. */
export function figuresOf(usd: number, alone: number | null, change: Partial<Figures> = {}): Figures {
  return {
    usd: usd.toFixed(6),
    estimated: true,
    complete: true,
    missingSeconds: 0,
    perOnAirHourUsd: null,
    perViewerHourUsd: null,
    monthForecastUsd: (usd * 4).toFixed(6),
    onAgoraAloneUsd: alone === null ? null : alone.toFixed(6),
    onPlatformsUsd: {},
    breakEvenViewers: null,
    ...change,
  };
}

const missing = { complete: false, missingSeconds: 5_400 } as const;

export const costs: CostsView = {
  ...figuresOf(112.4, 428.6, missing),
  from: atSecond(-604_800),
  to: atSecond(0),
  channels: [
    { channelId: 'shoes-live', ...figuresOf(41.2, 160.1) },
    { channelId: 'autumn-sale', ...figuresOf(66.5, 268.5, missing) },
    { channelId: 'toy-fair', ...figuresOf(3.2, null) },
    { channelId: 'book-club', ...figuresOf(1.5, 0.9) },
  ],
  days: Array.from({ length: 7 }, (_, index) => ({
    day: atSecond((index - 6) * 86_400).slice(0, 10),
    ...figuresOf(12 + index, 50 + 4 * index),
  })),
  platforms: [
    { platform: 'ivs-eu', ...figuresOf(80.4, 310) },
    { platform: 'mux-main', ...figuresOf(30.5, 117.7, missing) },
    { platform: null, ...figuresOf(1.5, 0.9) },
  ],
};

const ratesOf = (
  platform: string,
  resolution: PricesView['rates'][number]['resolution'],
  [agora, hls, relay]: readonly [number, number, number],
  breakEvenViewers: number,
): PricesView['rates'][number] => ({
  platform,
  resolution,
  agoraViewerUsd: agora.toFixed(6),
  hlsViewerUsd: hls.toFixed(6),
  relayUsd: relay.toFixed(6),
  breakEvenViewers,
});

export const prices: PricesView = {
  version: 'list-2026-10-09',
  agoraHostUsd: '0.059400',
  rates: [
    ratesOf('ivs-eu', '720p', [0.2394, 0.072, 2.3194], 14),
    ratesOf('ivs-eu', '1080p', [0.5394, 0.144, 2.6994], 7),
    ratesOf('mux-main', '720p', [0.2394, 0.048, 1.8194], 10),
    ratesOf('mux-main', '1080p', [0.5394, 0.06, 2.5744], 6),
  ],
};

export const budgets: readonly BudgetView[] = [
  {
    channelId: 'shoes-live',
    per: 'show',
    limitUsd: '12.000000',
    spentUsd: '12.300000',
    level: 'spent',
    action: 'agora-only',
    since: atSecond(-600),
    message: '$12.01 of $12.00 per show has been spent. Viewers are sent to Agora.',
  },
  {
    channelId: 'autumn-sale',
    per: 'month',
    limitUsd: '500.000000',
    spentUsd: '112.400000',
    level: 'ok',
    action: 'none',
    since: atSecond(-86_400),
    message: '$0.00 of $500.00 per month for the namespace has been spent.',
  },
  {
    channelId: 'night-market',
    per: 'show',
    limitUsd: '5.000000',
    spentUsd: null,
    level: 'unknown',
    action: 'none',
    since: null,
    message: '',
  },
];
