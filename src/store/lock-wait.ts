import { type Kysely, sql } from 'kysely';
import type { Tables } from './tables.ts';

/**
 * The app's queries wait behind this program's lock request on its table for at most this time, and so do queries behind
 * the drop of a partition. Waiting also occupies a connection.
 */
const LOCK_TIMEOUT_MS = 2_000;

/** Limits how long the statements of this transaction wait for a lock. */
export async function limitLockWait(db: Kysely<Tables>): Promise<void> {
  await sql`select set_config('lock_timeout', ${String(LOCK_TIMEOUT_MS)}, true)`.execute(db);
}
