import { HOUR_MS, startOfHour } from '../../base/utc-time.ts';

/** A part of a period that lies within one hour, in milliseconds since the beginning of the period. */
export interface HourPiece {
  readonly hour: Date;
  readonly from: number;
  readonly to: number;
}

/** Splits a period at the full hours; empty if it does not end after its beginning. */
export function hourPieces(start: Date, end: Date): readonly HourPiece[] {
  const pieces: HourPiece[] = [];
  for (let at = start.getTime(); at < end.getTime();) {
    const hour = startOfHour(new Date(at));
    const next = Math.min(end.getTime(), hour.getTime() + HOUR_MS);
    pieces.push({ hour, from: at - start.getTime(), to: next - start.getTime() });
    at = next;
  }
  return pieces;
}
