import { type Kysely, sql } from 'kysely';
import { oneLine } from '../../base/one-line.ts';
import { errorMessage } from '../../base/error-text.ts';
import { sqlStateOf } from '../errors.ts';
import type { Tables } from '../tables.ts';

/**
 * Statements for one batch. Each refused row costs about twice the logarithm of the batch; a trigger that refuses every
 * row must not occupy the database.
 */
const MAX_STATEMENTS = 400;
const MAX_MESSAGE = 300;

/**
 * SQLSTATEs that concern the values of a row: data exceptions, constraints, errors that a trigger or a function raises, and
 * the condition of a view. Everything else concerns the whole statement.
 */
const ofRow = /^(22|23|38|39|44|P0)/;

/** A row of an app's table that the database did not accept, and its message. */
export interface Refused<T> {
  readonly row: T;
  readonly message: string;
}

/**
 * Writes rows with as few statements as possible. When the database refuses a statement because of a row, the batch is
 * divided until the row is found, and all others are written. Throws any other error. `db` must be a transaction.
 */
export async function writeAccepted<T>(
  db: Kysely<Tables>,
  rows: readonly T[],
  write: (rows: readonly T[]) => Promise<void>,
): Promise<readonly Refused<T>[]> {
  const open: (readonly T[])[] = rows.length === 0 ? [] : [rows];
  const refused: Refused<T>[] = [];
  for (let count = 0; ; count++) {
    const batch = open.pop();
    if (batch === undefined) return refused;
    const message =
      count < MAX_STATEMENTS
        ? await messageOfRefusal(db, () => write(batch))
        : `not tried: the database refused too many rows, the last one with "${refused.at(-1)?.message ?? ''}"`;
    if (message === undefined) continue;
    if (batch.length > 1 && count < MAX_STATEMENTS) {
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
    if (!ofRow.test(sqlStateOf(error) ?? '')) throw error;
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
