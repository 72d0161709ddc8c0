import { type RawBuilder, sql } from 'kysely';
import { type DatabaseLayout, table } from './layout.ts';
import { keptSince } from './partitions.ts';
import type { Retention } from './retention.ts';
import type { Tables } from './tables.ts';

/** Rows of one statement, which takes some ten milliseconds: who wants one of them waits no longer. */
const ROWS = 5_000;
/** Statements for a table in one round of upkeep. Where there is more, as after a shorter setting, the next ones go on. */
const STATEMENTS = 20;

/** Deletes the rows that are kept no longer from the tables that are not partitioned. */
export async function deleteExpired(place: DatabaseLayout, now: Date, retention: Retention): Promise<void> {
  for (const { name, condition } of expired(now, retention))
    for (let count = 0; count < STATEMENTS; count++)
      if ((await deleteSome(place, name, condition)) < ROWS) break;
}

interface Expired {
  readonly name: keyof Tables;
  readonly condition: RawBuilder<boolean>;
}

/**
 * A key that nobody can use stays as long as the audit log that names it: every entry of its is older than its end. An
 * app's word on its viewers is of no use after a minute; it stays as long as the samples that it went into.
 */
function expired(now: Date, { auditDays, alertDays, costDays, sampleDays }: Retention): Expired[] {
  const rule = (name: keyof Tables, time: RawBuilder<Date>, days: number | undefined): Expired[] =>
    days === undefined ? [] : [{ name, condition: sql<boolean>`${time} < ${keptSince(now, days)}` }];
  return [
    ...rule('livechannel_audit', sql`at`, auditDays),
    ...rule('livechannel_api_keys', sql`least(expires_at, revoked_at)`, auditDays),
    ...rule('livechannel_alerts', sql`resolved_at`, alertDays),
    ...rule('livechannel_costs', sql`hour`, costDays),
    ...rule('livechannel_audience', sql`at`, sampleDays),
  ];
}

/** A row that somebody holds is left to the next round. Gives how many went. */
async function deleteSome(
  place: DatabaseLayout,
  name: keyof Tables,
  condition: RawBuilder<boolean>,
): Promise<number> {
  const { numAffectedRows = 0n } = await sql`
    delete from ${table(place, name)} where ctid = any(array(
      select ctid from ${table(place, name)} where ${condition} limit ${ROWS} for update skip locked))`.execute(
    place.db,
  );
  return Number(numAffectedRows);
}
