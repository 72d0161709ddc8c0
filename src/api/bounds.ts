import { z } from 'zod';

/** Largest value of a PostgreSQL `integer`: no channel has more viewers, and no stream more kbit/s. */
export const MAX_INTEGER = 2_147_483_647;

/** Times before and after this are of a clock that is not set, and may have no form in a database. */
const EARLIEST = Date.parse('2000-01-01T00:00:00Z');
const LATEST = Date.parse('2200-01-01T00:00:00Z');

/** A finite number. One outside the range becomes the nearest number in it: what was measured is not lost for it. */
export function clampedNumber(min: number, max: number) {
  return z.number().overwrite((value) => Math.min(Math.max(value, min), max));
}

/** A time in RFC 3339 that every clock, database and language has. */
export const timeTextSchema = z.iso.datetime({ offset: true }).refine(
  (text) => {
    const time = Date.parse(text);
    return time >= EARLIEST && time < LATEST;
  },
  { error: 'must be between the years 2000 and 2200' },
);
