import { sql } from 'kysely';
import { deleteExpired } from './expiry.ts';
import { type DatabaseLayout, table } from './layout.ts';
import {
  dropPartitions,
  ensurePartitions,
  existing,
  keptSince,
  outdated,
  partitionsAhead,
} from './partitions.ts';
import type { Retention } from './retention.ts';
import { rollUp } from './roll-ups.ts';

/** Creates the partitions of the next days, rolls up, and only then deletes what is older than the retention. */
export async function upkeep(place: DatabaseLayout, now: Date, retention: Retention): Promise<void> {
  await ensurePartitions(place, partitionsAhead(now));
  await rollUp(place, now, retention);
  await noteRetention(place, now, retention);
  const there = await existing(place, place.db);
  const days = {
    stream_metrics: retention.sampleDays,
    stream_metrics_1m: retention.minuteDays,
    stream_metrics_1h: retention.hourDays,
  };
  const unwanted = there.flatMap((partition) => outdated([partition], now, days[partition.table]));
  await dropPartitions(place, unwanted);
  await deleteExpired(place, now, retention);
}

/**
 * Recorded before anything is dropped, so that charts are no longer read from tables that lack the data. Never goes back:
 * dropped rows do not return when the retention is extended.
 */
async function noteRetention(place: DatabaseLayout, now: Date, retention: Retention): Promise<void> {
  const since = (days: number | undefined) => (days === undefined ? null : keptSince(now, days));
  await sql`
    update ${table(place, 'livechannel_rolled_up')} set
      samples_since = greatest(samples_since, ${since(retention.sampleDays)}::timestamptz),
      minutes_since = greatest(minutes_since, ${since(retention.minuteDays)}::timestamptz)`.execute(place.db);
}
