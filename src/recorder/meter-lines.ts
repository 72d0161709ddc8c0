import type { PriceBook } from '../costs/price-book.ts';
import type { Priced } from './accountant.ts';
import { hourOf, type LedgerLine } from './ledger.ts';
import type { Terms } from './terms.ts';

const secondsOfHour = 3_600;

/**
 * What the time between two samples cost on the platform: the trapezoid of its viewers, at list price. What nobody
 * counted is not in it.
 */
export function meterLines(
  before: Priced<Terms>,
  after: Priced<Terms>,
  prices: PriceBook,
  book: string,
): readonly LedgerLine[] {
  const { platform, resolution, recorded, onAir } = after.terms;
  const rates = platform === undefined ? undefined : prices[platform.spec.provider];
  if (platform === undefined || rates === undefined || !onAir) return [];
  const seconds = (after.sample.at.getTime() - before.sample.at.getTime()) / 1_000;
  const of = (line: string, perHour: number, quantity: number): LedgerLine => ({
    hour: hourOf(after.sample.at),
    platform: platform.name,
    line,
    microDollars: (perHour * quantity) / secondsOfHour,
    quantity,
    estimated: true,
    prices: book,
  });
  const [first, last] = [before.sample.hlsViewers, after.sample.hlsViewers];
  return [
    of('ingest', rates.input(platform.spec, resolution), seconds),
    ...(first === undefined || last === undefined
      ? []
      : [of('delivery', rates.delivery[resolution], (seconds * (first + last)) / 2)]),
    ...(recorded || rates.alwaysRecorded ? [of('storage', rates.storage, seconds)] : []),
  ];
}
