import { listPrices, microDollars } from './price-book.ts';
import type { PerResolution, Prices } from './viewer-prices.ts';

const per = (hd: number, fullHd: number): PerResolution => ({
  '480p': microDollars(hd),
  '720p': microDollars(hd),
  '1080p': microDollars(fullHd),
});

/**
 * List prices without discounts, packages and taxes, which depend on the account. The source of each price is in
 * docs/channels/costs.md.
 */
export const builtInPrices: Prices = {
  version: 'list-2026-10-09',
  common: {
    // Per 1,000 minutes: 3.99 (HD) and 8.99 (Full HD) USD; with Broadcast Streaming 1.99 and 4.59 USD.
    agora: { interactive: per(0.2394, 0.5394), broadcast: per(0.1194, 0.2754) },
    tier: 'interactive',
    // Per 1,000 minutes: 0.99 USD, for every minute in which a user receives no video.
    agoraHost: microDollars(0.0594),
    pod: per(0.08, 0.16),
    source: 'https://docs.agora.io/en/video-calling/overview/pricing',
    asOf: '2026-07-01',
  },
  platforms: listPrices,
};
