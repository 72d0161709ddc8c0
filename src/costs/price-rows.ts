import { builtInPrices } from './list-prices.ts';
import type { MicroDollars, PricedPlatform } from './price-book.ts';
import type { Prices } from './viewer-prices.ts';
import type { Resolution } from '../api/values.ts';

/** One line of `livechannel costs prices`. */
export interface PriceRow {
  readonly what: string;
  /** US dollars per hour. */
  readonly usd: number;
  /** The region of a viewer price. null: the price does not depend on the region. */
  readonly region: string | null;
  /** Lower bound of a viewer price's volume step, in viewer-hours per month. null: the price has no steps. */
  readonly fromHours: number | null;
  readonly source: string;
  /** YYYY-MM-DD; empty if the book has no date. */
  readonly asOf: string;
}

/** All prices of a book that apply at that resolution. A platform whose prices are not known has no rows. */
export function priceRows(
  { version, common, platforms }: Prices,
  specs: readonly PricedPlatform[],
  resolution: Resolution,
): readonly PriceRow[] {
  const { agora, agoraHost, pod, asOf } = common;
  const row = (what: string, amount: MicroDollars, from: Pick<PriceRow, 'source' | 'asOf'>): PriceRow => ({
    what,
    usd: amount / 1_000_000,
    region: null,
    fromHours: null,
    source: from.source,
    asOf: from.asOf,
  });
  // There is no list price of a relay pod: the built-in one is an assumption, which a custom book can replace.
  const ofPod =
    pod === builtInPrices.common.pod
      ? { source: 'assumed', asOf }
      : { source: `version ${version}`, asOf: '' };
  return [
    row('agora viewer, interactive', agora.interactive[resolution], common),
    row('agora viewer, broadcast', agora.broadcast[resolution], common),
    row('agora host', agoraHost, common),
    row('relay pod', pod[resolution], ofPod),
    ...specs.flatMap((spec) => {
      const { provider } = spec;
      const rates = platforms[provider];
      if (rates === undefined) return [];
      const { region = null, fromHours = null } = rates;
      return [
        row(`${provider} input`, rates.input(spec, resolution), rates),
        { ...row(`${provider} viewer`, rates.delivery[resolution], rates), region, fromHours },
        row(`${provider} recording, a month`, rates.storage, rates),
      ];
    }),
  ];
}
