import type { MicroDollars } from './price-book.ts';

export interface Spending {
  /** Since the period began. undefined: nobody knows. */
  readonly spent: MicroDollars | undefined;
  /** What was spent in the last minutes, and how long those were. undefined: too little is known of them. */
  readonly recent: { readonly microDollars: MicroDollars; readonly seconds: number } | undefined;
  /** Until the period ends. undefined: nobody knows, as of a show. */
  readonly secondsLeft: number | undefined;
}

/** What will have been spent when the period ends, if it goes on as in the last minutes. undefined: cannot be told. */
export function forecastSpend({ spent, recent, secondsLeft }: Spending): MicroDollars | undefined {
  if (spent === undefined || secondsLeft === undefined) return undefined;
  if (secondsLeft <= 0) return spent;
  if (recent === undefined || recent.seconds <= 0) return undefined;
  return spent + Math.round((recent.microDollars / recent.seconds) * secondsLeft);
}

/** Seconds until the present hour or month ends, in UTC; undefined of a show, whose end nobody knows. */
export function secondsLeftOf(per: 'hour' | 'show' | 'month', now: Date): number | undefined {
  if (per === 'show') return undefined;
  const end =
    per === 'hour'
      ? Math.floor(now.getTime() / 3_600_000 + 1) * 3_600_000
      : Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + 1);
  return (end - now.getTime()) / 1_000;
}
