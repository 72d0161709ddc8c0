import { type RawBuilder, sql } from 'kysely';
import { type DatabaseLayout, table } from '../layout.ts';
import { limitLockWait } from '../lock-wait.ts';
import { type AppMetrics, appMetricsOf, timeAs } from './app-metrics.ts';
import { isWholeNumber } from './columns.ts';

const MINUTE_MS = 60_000;
/** Minutes whose rows are deleted in one call, each in a transaction. */
const MAX_PRUNED_MINUTES = 120;
const MAX_FAILURES = 5;

/**
 * Deletes the rows that were inserted for minutes before `before`, by their IDs and times: rows of the app are never
 * deleted. A minute whose rows cannot be deleted is left to the next call; throws the first such error at the end.
 */
export async function pruneMetrics(place: DatabaseLayout, before: Date): Promise<void> {
  const state = await appMetricsOf(place);
  if (state.kind !== 'usable') return;
  const into = state.table;
  const { rows } = await sql<{ minute: Date }>`
    select minute from ${table(place, 'livechannel_app_metrics_minutes')}
    where minute < ${before} and table_schema = ${into.schema}
    order by minute limit ${MAX_PRUNED_MINUTES}`.execute(place.db);
  const failures: unknown[] = [];
  for (const { minute } of rows) {
    if (failures.length >= MAX_FAILURES) break;
    try {
      await place.db.transaction().execute((db) => pruneMinute({ ...place, db }, into, minute));
    } catch (error) {
      failures.push(error);
    }
  }
  if (failures.length > 0) throw failures[0];
}

async function pruneMinute(
  place: DatabaseLayout,
  { schema, columns }: AppMetrics,
  minute: Date,
): Promise<void> {
  const { db } = place;
  await limitLockWait(db);
  const time = (at: Date): RawBuilder<unknown> => timeAs(columns.timestamp, sql`${at}::timestamptz`);
  const isOfMinute = sql`m."timestamp" >= ${time(minute)}
    and m."timestamp" < ${time(new Date(minute.getTime() + MINUTE_MS))}`;
  const noted = sql`(delete from ${table(place, 'livechannel_app_metrics_minutes')}
    where table_schema = ${schema} and minute = ${minute} returning id_ranges, other_ids)`;
  const target = sql`delete from ${sql.id(schema, 'stream_metrics')} as m`;
  await (
    isWholeNumber(columns.id.type)
      ? sql`with noted as ${noted} ${target} using (select unnest(id_ranges) as ids from noted) as old
          where m.id >= lower(old.ids) and m.id < upper(old.ids) and ${isOfMinute}`
      : sql`with noted as ${noted} ${target} using (
          select unnest(other_ids)::${sql.raw(columns.id.type)} as id from noted) as old
          where m.id = old.id and ${isOfMinute}`
  ).execute(db);
}
