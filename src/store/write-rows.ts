import { writeAccepted, isRowFault, type Refused } from './accept-rows.ts';
import type { DatabaseLayout } from './layout.ts';

/** What becomes of a batch of rows. */
export interface WriteRows<T> {
  /** Name of the table, for metrics and the log. */
  readonly table: string;
  /** What the row is about, for the log. */
  readonly name: (row: T) => string;
  /** The part of a row whose numbers are stored as such. Default: all of it. JSON holds whatever JSON.stringify writes. */
  readonly numbers?: (row: T) => unknown;
  /**
   * true: all rows that are accepted are written in one transaction. Required where it does harm to write a row twice,
   * because a batch is repeated after a failure.
   */
  readonly atomic?: boolean;
  readonly write: (place: DatabaseLayout, rows: readonly T[]) => Promise<void>;
}

/**
 * The one way in which batches are written: a row whose content cannot be stored is left out, reported, and returned, and
 * delays no other. Throws if the database is unavailable or its schema does not fit: then the caller keeps the batch.
 */
export async function writeRows<T extends object>(
  place: DatabaseLayout,
  rows: readonly T[],
  how: WriteRows<T>,
): Promise<readonly T[]> {
  const { numbers = (row: T): unknown => row } = how;
  const inexact = new Set(rows.filter((row) => !isExact(numbers(row), ROW_DEPTH)));
  const exact = inexact.size === 0 ? rows : rows.filter((row) => !inexact.has(row));
  const refused = [
    ...[...inexact].map((row) => ({ row, message: 'a number is not finite, or too large to be exact' })),
    ...(await acceptedOf(place, exact, how)),
  ];
  for (const { row, message } of refused) place.onLeftOut({ table: how.table, row: how.name(row), message });
  return refused.map(({ row }) => row);
}

async function acceptedOf<T>(
  place: DatabaseLayout,
  rows: readonly T[],
  { atomic = false, write }: WriteRows<T>,
): Promise<readonly Refused<T>[]> {
  if (rows.length === 0) return [];
  // There, a statement that fails would undo what was done before.
  if (place.db.isTransaction) return writeAccepted(place.db, rows, (some) => write(place, some));
  try {
    await write(place, rows);
    return [];
  } catch (error) {
    if (!isRowFault(error)) throw error;
  }
  if (!atomic) return writeAccepted(place.db, rows, (some) => write(place, some));
  return place.db
    .transaction()
    .execute((db) => writeAccepted(db, rows, (some) => write({ ...place, db }, some)));
}

/** Numbers are in a row, in an object of it, or in an array of that. */
const ROW_DEPTH = 3;

/**
 * Whether all numbers are finite and exact. PostgreSQL stores NaN in a column of floating-point numbers, which makes every
 * sum with it useless, and integers that cannot be read as numbers of JavaScript, which makes reading the table fail.
 */
function isExact(value: unknown, depth: number): boolean {
  if (typeof value === 'number') return Number.isFinite(value) && Math.abs(value) <= Number.MAX_SAFE_INTEGER;
  if (typeof value !== 'object' || value === null || depth === 0) return true;
  return Object.values(value).every((each) => isExact(each, depth - 1));
}
