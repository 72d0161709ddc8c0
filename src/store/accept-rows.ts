import { type Kysely, sql } from 'kysely';
import { oneLine } from '../base/one-line.ts';
import { errorMessage } from '../base/error-text.ts';
import { sqlStateOf } from './errors.ts';
import type { Tables } from './tables.ts';

const MAX_MESSAGE = 300;
/** Statements for one batch of a table of the app, whose trigger may refuse every row and must not occupy the database. */
export const MAX_APP_STATEMENTS = 400;

/**
 * SQLSTATEs that concern the values of rows: two rows of one key, data exceptions, constraints, errors that a trigger or a
 * function raises, the condition of a view, and limits such as the size of an entry of an index. Everything else concerns
 * the whole statement.
 */
const ofRow = /^(21|22|23|38|39|44|54|P0)/;

/** A row that the database did not accept, and its message. */
export interface Refused<T> {
  readonly row: T;
  readonly message: string;
}

/** Whether an error says that the content of a row cannot be stored, so that the statement succeeds without that row. */
export function isRowFault(error: unknown): boolean {
  const state = sqlStateOf(error);
  if (state !== undefined) return ofRow.test(state);
  // A value that has no form in SQL or JSON, such as an invalid date. It is found before the statement is sent.
  const name = typeof error === 'object' && error !== null && 'name' in error ? error.name : undefined;
  return name === 'RangeError' || name === 'TypeError';
}

/**
 * Writes rows with as few statements as possible, in their order. When the database refuses a statement because of a row,
 * the batch is divided until the row is found, and all others are written. Throws any other error. Outside a transaction,
 * `write` must be idempotent, because some rows are written when it throws.
 *
 * @param mostStatements after which the remaining rows are refused untried. Each refused row costs about twice the logarithm
 *   of the batch.
 */
export async function writeAccepted<T>(
  db: Kysely<Tables>,
  rows: readonly T[],
  write: (rows: readonly T[]) => Promise<void>,
  mostStatements = Infinity,
): Promise<readonly Refused<T>[]> {
  const open: (readonly T[])[] = rows.length === 0 ? [] : [rows];
  const refused: Refused<T>[] = [];
  for (let count = 0; ; count++) {
    const batch = open.pop();
    if (batch === undefined) return refused;
    const message =
      count < mostStatements
        ? await messageOfRefusal(db, () => write(batch))
        : `not tried: the database refused too many rows, the last one with "${refused.at(-1)?.message ?? ''}"`;
    if (message === undefined) continue;
    if (batch.length > 1 && count < mostStatements) {
      const middle = Math.ceil(batch.length / 2);
      open.push(batch.slice(middle), batch.slice(0, middle));
    } else refused.push(...batch.map((row) => ({ row, message })));
  }
}

/** Executes a statement; undefined if it was accepted. Without effect if it was not. */
async function messageOfRefusal(db: Kysely<Tables>, work: () => Promise<void>): Promise<string | undefined> {
  try {
    await withinSavepoint(db, work);
    return undefined;
  } catch (error) {
    if (!isRowFault(error)) throw error;
    return oneLine(errorMessage(error), MAX_MESSAGE);
  }
}

/** Within a transaction, an error of `work` leaves the transaction as it was before, and usable. */
export async function withinSavepoint<T>(db: Kysely<Tables>, work: () => Promise<T>): Promise<T> {
  if (!db.isTransaction) return work();
  await sql`savepoint livechannel`.execute(db);
  try {
    const result = await work();
    await sql`release savepoint livechannel`.execute(db);
    return result;
  } catch (error) {
    // Fails when the connection broke; the first error says more.
    await sql`rollback to savepoint livechannel`.execute(db).catch(() => undefined);
    throw error;
  }
}
