import type { MicroDollars } from '../../costs/price-book.ts';
import type { CostEntry } from '../../store/store.ts';

const HOUR_SECONDS = 3_600;

/**
 * Replaces the estimated delivery of a channel on a platform in one hour with the platform's usage data. `entries` are all
 * entries of that delivery, one for each show of the hour. The platform's viewer-seconds are divided among them in
 * proportion to the estimates. Each entry keeps the price of its estimate; `perHour` is the price of an entry without
 * estimated viewers, which has none.
 */
export function billedDelivery(
  entries: readonly CostEntry[],
  viewerSeconds: number,
  perHour: MicroDollars,
): readonly CostEntry[] {
  const whole = Math.round(viewerSeconds);
  const estimated = entries.reduce((sum, { quantity }) => sum + quantity, 0);
  let before = 0;
  let given = 0;
  return entries.map((entry, index) => {
    before += estimated > 0 ? entry.quantity / estimated : 1 / entries.length;
    // Rounds the cumulative share up to each entry, so that the parts add up to the whole.
    const until = index === entries.length - 1 ? whole : Math.round(whole * before);
    const quantity = until - given;
    given = until;
    const price = entry.quantity > 0 ? (entry.microDollars * HOUR_SECONDS) / entry.quantity : perHour;
    const microDollars = Math.round((price * quantity) / HOUR_SECONDS);
    return { ...entry, quantity, microDollars, estimated: false, missingSeconds: 0 };
  });
}
