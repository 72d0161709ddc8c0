/** Ranges of whole UTC days, as the ledger has them. */
export const costRanges = ['today', '7d', '30d', 'month', 'last-month'] as const;
export type CostRange = (typeof costRanges)[number];

/** Longer ones would be too many hours of too many channels. */
export const MOST_DAYS = 92;

export interface Days {
  /** The first and the last day, as YYYY-MM-DD. */
  readonly first: string;
  readonly last: string;
}

const DAY_MS = 86_400_000;
const dayOf = (at: number): string => new Date(at).toISOString().slice(0, 10);

/** The days that an address names: own dates, if there are both in the right order, or else the range. */
export function daysOf(
  {
    range = '7d',
    from,
    to,
  }: {
    readonly range?: CostRange | undefined;
    readonly from?: string | undefined;
    readonly to?: string | undefined;
  },
  now: number,
): Days {
  if (from !== undefined && to !== undefined) return bounded(from, to);
  const today = new Date(now);
  const month = (offset: number): number => Date.UTC(today.getUTCFullYear(), today.getUTCMonth() + offset);
  switch (range) {
    case 'today':
      return { first: dayOf(now), last: dayOf(now) };
    case '7d':
      return { first: dayOf(now - 6 * DAY_MS), last: dayOf(now) };
    case '30d':
      return { first: dayOf(now - 29 * DAY_MS), last: dayOf(now) };
    case 'month':
      return { first: dayOf(month(0)), last: dayOf(now) };
    case 'last-month':
      return { first: dayOf(month(-1)), last: dayOf(month(0) - DAY_MS) };
  }
}

function bounded(from: string, to: string): Days {
  const [first, last] = from <= to ? [from, to] : [to, from];
  const earliest = dayOf(Date.parse(last) - (MOST_DAYS - 1) * DAY_MS);
  return { first: first < earliest ? earliest : first, last };
}

/** The period as the service expects it: up to the end of the last day. */
export function periodOf({ first, last }: Days): { readonly from: string; readonly to: string } {
  return {
    from: new Date(Date.parse(first)).toISOString(),
    to: new Date(Date.parse(last) + DAY_MS).toISOString(),
  };
}
