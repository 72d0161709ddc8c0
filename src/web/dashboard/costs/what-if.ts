import { breakEvenViewers, hourOnAgora, hourOnHls } from '../../../costs/viewer-prices.ts';

/** Dollars an hour, viewers, and hours of a month. undefined: not a number. */
export interface Assumption {
  readonly agoraViewer: number | undefined;
  readonly hlsViewer: number | undefined;
  readonly relay: number | undefined;
  readonly viewers: number | undefined;
  readonly hours: number | undefined;
}

export interface Outcome {
  readonly onAgora: number | null;
  readonly onHls: number | null;
  readonly saved: number | null;
  /** undefined: unknown; null: never. */
  readonly breakEven: number | null | undefined;
}

/** What a month costs under an assumption, in dollars. What cannot be computed is unknown. */
export function outcomeOf({ agoraViewer, hlsViewer, relay, viewers, hours }: Assumption): Outcome {
  const rates =
    agoraViewer === undefined || hlsViewer === undefined || relay === undefined
      ? undefined
      : { agoraViewer, hlsViewer, relay };
  const month = (hourOf: typeof hourOnAgora): number | null =>
    rates === undefined || viewers === undefined || hours === undefined
      ? null
      : hourOf(rates, viewers) * hours;
  const [onAgora, onHls] = [month(hourOnAgora), month(hourOnHls)];
  return {
    onAgora,
    onHls,
    saved: onAgora === null || onHls === null ? null : onAgora - onHls,
    breakEven: rates && (breakEvenViewers(rates) ?? null),
  };
}

/** A number that was entered; undefined: it is none, or out of bounds. */
export function parseEntered(text: string, most: number): number | undefined {
  const trimmed = text.trim();
  if (!/^\d{1,9}(?:[.,]\d{1,6})?$/.test(trimmed)) return undefined;
  const value = Number(trimmed.replace(',', '.'));
  return value <= most ? value : undefined;
}
