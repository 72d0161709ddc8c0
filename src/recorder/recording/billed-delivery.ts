import type { MicroDollars } from '../../costs/price-book.ts';
import type { CostEntry } from '../../store/store.ts';

const hourSeconds = 3_600;

/**
 * An hour's delivery of a channel on a platform, in the platform's own words instead of our estimate. `entries` are
 * all that was written of it: one for each show of that hour, which are given the platform's viewer-seconds in
 * proportion to what was estimated. Each keeps the price that it was estimated at; `perHour` is for one that has none,
 * because nobody had counted a viewer.
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
    // Up to each entry at once, so that the parts come to the whole.
    const until = index === entries.length - 1 ? whole : Math.round(whole * before);
    const quantity = until - given;
    given = until;
    const price = entry.quantity > 0 ? (entry.microDollars * hourSeconds) / entry.quantity : perHour;
    const microDollars = Math.round((price * quantity) / hourSeconds);
    return { ...entry, quantity, microDollars, estimated: false, missingSeconds: 0 };
  });
}
