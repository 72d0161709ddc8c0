import { builtInPrices } from './list-prices.ts';
import type { MicroDollars, PricedPlatform } from './price-book.ts';
import type { Prices } from './viewer-prices.ts';
import type { Resolution } from '../api/values.ts';

/** One price, as it is shown. */
export interface PriceRow {
  readonly what: string;
  /** For an hour. */
  readonly usd: number;
  /** Of viewers: where they are. null: everywhere, or nothing that depends on it. */
  readonly region: string | null;
  /** Of viewers: the volume step in use, viewer-hours a month. null: there are no steps. */
  readonly fromHours: number | null;
  readonly source: string;
  /** YYYY-MM-DD; empty where the book does not say. */
  readonly asOf: string;
}

/** All prices that a book reckons with at that resolution; a platform whose prices nobody knows has none. */
export function priceRows(
  { version, common, platforms }: Prices,
  specs: readonly PricedPlatform[],
  resolution: Resolution,
): readonly PriceRow[] {
  const { agora, pod, asOf } = common;
  const row = (what: string, amount: MicroDollars, from: Pick<PriceRow, 'source' | 'asOf'>): PriceRow => ({
    what,
    usd: amount / 1_000_000,
    region: null,
    fromHours: null,
    source: from.source,
    asOf: from.asOf,
  });
  // A pod's price is nobody's list price: assumed, or what the book says.
  const ofPod =
    pod === builtInPrices.common.pod
      ? { source: 'assumed', asOf }
      : { source: `version ${version}`, asOf: '' };
  return [
    row('agora viewer, interactive', agora.interactive[resolution], common),
    row('agora viewer, broadcast', agora.broadcast[resolution], common),
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
