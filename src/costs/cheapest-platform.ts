import type { MicroDollars, PricedPlatform } from './price-book.ts';
import { hourOnHls, rivals, type Prices, type Setting } from './viewer-prices.ts';

export interface Candidate {
  readonly name: string;
  readonly spec: PricedPlatform;
  /** As in deliveryPrice: it picks the volume step. */
  readonly hoursThisMonth?: number | undefined;
}

export interface Cheapest<C extends Candidate> {
  readonly platform: C;
  /** An hour with these viewers, the relay and its subscription at Agora included. */
  readonly microDollars: MicroDollars;
}

/**
 * Where so many viewers on HLS cost least in an hour. Of two that cost the same, the first: so a channel stays where it
 * is if its own platform is named first, and that is the answer where nothing is cheaper. One whose prices nobody knows
 * is left out; undefined where none is left.
 */
export function cheapestPlatform<C extends Candidate>(
  prices: Prices,
  candidates: readonly C[],
  setting: Omit<Setting, 'platform' | 'hoursThisMonth'>,
  viewers: number,
): Cheapest<C> | undefined {
  let best: Cheapest<C> | undefined;
  for (const platform of candidates) {
    const { spec, hoursThisMonth } = platform;
    const figures = rivals(prices, { ...setting, platform: spec, hoursThisMonth });
    if (figures === undefined) continue;
    const microDollars = hourOnHls(figures, viewers);
    if (best === undefined || microDollars < best.microDollars) best = { platform, microDollars };
  }
  return best;
}
