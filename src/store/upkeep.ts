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

/** Partitions ahead, then roll-ups, and only then what is too old goes. */
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
 * Noted before anything is dropped, so that who reads a chart looks no longer where nothing is. Never back: what was
 * dropped does not return when the retention is made longer.
 */
async function noteRetention(place: DatabaseLayout, now: Date, retention: Retention): Promise<void> {
  const since = (days: number | undefined) => (days === undefined ? null : keptSince(now, days));
  await sql`
    update ${table(place, 'livechannel_rolled_up')} set
      samples_since = greatest(samples_since, ${since(retention.sampleDays)}::timestamptz),
      minutes_since = greatest(minutes_since, ${since(retention.minuteDays)}::timestamptz)`.execute(place.db);
}
