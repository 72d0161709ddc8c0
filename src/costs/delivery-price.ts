import type { MicroDollars, Rates, Resolution } from './price-book.ts';

/** What was asked of deliveryPrice. */
export interface Delivered {
  /** Where the viewers are, by a name of the book; left out: where the book says that they are. */
  readonly region?: string | undefined;
  readonly resolution: Resolution;
  /** Viewer-hours that the account has had there since the month began; left out: none, which is never too cheap. */
  readonly hoursThisMonth?: number | undefined;
}

/** What the next viewer-hour costs. */
export function deliveryPrice(
  { delivery }: Pick<Rates, 'delivery'>,
  { resolution }: Delivered,
): MicroDollars {
  return delivery[resolution];
}
