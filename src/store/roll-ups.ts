import { type Kysely, sql } from 'kysely';
import { type DatabaseLayout, table } from './layout.ts';
import { averages, aggregateColumns, type Range, type Granularity, tableOf } from './parts.ts';
import { distinct, ensurePartitions, keptSince, partitionOf } from './partitions.ts';
import type { Retention } from './retention.ts';
import type { Tables } from './tables.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
/** Key of an advisory lock: of two concurrent roll-ups, the second leaves the work to the first. */
const LOCK_KEY = 5_478_120_318;
/** How far each roll-up reads back, to find samples whose transaction was not committed during the previous one. */
const OVERLAP_INTERVAL = '2 minutes';

/** Rounds a time down to a multiple of `stepMs` since the Unix epoch. */
export function floorTo(stepMs: number, at: Date): Date {
  return new Date(Math.floor(at.getTime() / stepMs) * stepMs);
}

/** Splits a range at full hours. Each part is one transaction, so that a long backlog is processed in small steps. */
export function byHour({ from, to }: Range): Range[] {
  const ranges: Range[] = [];
  for (let begin = from; begin < to;) {
    const end = new Date(Math.min(floorTo(HOUR_MS, begin).getTime() + HOUR_MS, to.getTime()));
    ranges.push({ from: begin, to: end });
    begin = end;
  }
  return ranges;
}

/**
 * Rolls up every minute that has ended since the last call, and again each minute for which samples have arrived since,
 * however late. Rolls up the hours that contain these minutes once they have ended.
 */
export async function rollUp(place: DatabaseLayout, now: Date, retention: Retention): Promise<void> {
  const { rows } = await sql<{ until: Date | null; touched: Date | null; seen_at: Date }>`
    select now() as seen_at, rolled_up.until, (
      select min("timestamp") from ${table(place, 'stream_metrics')}
      where created_at >= coalesce(rolled_up.seen_at - ${OVERLAP_INTERVAL}::interval, '-infinity')) as touched
    from (select 1) as one left join ${table(place, 'livechannel_rolled_up')} as rolled_up on true`.execute(
    place.db,
  );
  const [seen] = rows;
  if (seen === undefined) return;
  // Never goes back, even if the clock of the previous leader was ahead.
  const edge = latest([floorTo(MINUTE_MS, now), ...present(seen.until)]);
  // A minute of a partly dropped day must not be recomputed from the remaining samples.
  const kept = retention.sampleDays === undefined ? [] : [keptSince(now, retention.sampleDays)];
  const first = earliest([edge, ...present(seen.until), ...present(seen.touched)]);
  const ranges = byHour({ from: latest([floorTo(MINUTE_MS, first), ...kept]), to: edge });
  await ensurePartitions(
    place,
    distinct(
      ranges.flatMap(({ from }) => [
        partitionOf('stream_metrics_1m', from),
        partitionOf('stream_metrics_1h', from),
      ]),
    ),
  );
  for (const [index, range] of ranges.entries()) {
    const seenAt = index === ranges.length - 1 ? seen.seen_at : undefined;
    const done = await place.db.transaction().execute((db) => rollUpWithin({ ...place, db }, range, seenAt));
    if (!done) return;
  }
}

const present = (time: Date | null): Date[] => (time === null ? [] : [time]);
const earliest = (times: readonly Date[]): Date => new Date(Math.min(...times.map(Number)));
const latest = (times: readonly Date[]): Date => new Date(Math.max(...times.map(Number)));

async function rollUpWithin(place: DatabaseLayout, range: Range, seenAt: Date | undefined): Promise<boolean> {
  const { rows } = await sql<{
    mine: boolean;
  }>`select pg_try_advisory_xact_lock(${LOCK_KEY}) as mine`.execute(place.db);
  if (rows[0]?.mine !== true) return false;
  await insertFrom(place, 'sample', 'minute', range);
  const hour = floorTo(HOUR_MS, range.from);
  const hourEnd = new Date(hour.getTime() + HOUR_MS);
  if (range.to >= hourEnd) await insertFrom(place, 'minute', 'hour', { from: hour, to: hourEnd });
  await noteDone(place.db, place, range.to, seenAt);
  return true;
}

async function insertFrom(
  place: DatabaseLayout,
  from: Granularity,
  to: 'minute' | 'hour',
  range: Range,
): Promise<void> {
  const seconds = to === 'minute' ? 60 : 3_600;
  await sql`
    insert into ${table(place, tableOf[to])} as old (namespace, channel_id, "timestamp", agora_viewers, agora_samples,
      hls_viewers, hls_samples, hls_viewers_most, bitrate_kbps, bitrate_samples, relay_health, samples, gaps)
    select namespace, channel_id, ${bin(seconds)} as step, ${averages}
    from (${aggregateColumns(place, from, range)}) as parts
    group by namespace, channel_id, step
    on conflict (namespace, channel_id, "timestamp") do update set
      agora_viewers = excluded.agora_viewers, agora_samples = excluded.agora_samples,
      hls_viewers = excluded.hls_viewers, hls_samples = excluded.hls_samples,
      hls_viewers_most = excluded.hls_viewers_most,
      bitrate_kbps = excluded.bitrate_kbps, bitrate_samples = excluded.bitrate_samples,
      relay_health = excluded.relay_health, samples = excluded.samples, gaps = excluded.gaps
    where (old.samples, old.agora_samples, old.hls_samples, old.bitrate_samples)
      is distinct from (excluded.samples, excluded.agora_samples, excluded.hls_samples, excluded.bitrate_samples)`.execute(
    place.db,
  );
}

/** Start of the step that contains a row: a multiple of its length since the Unix epoch. */
export function bin(seconds: number) {
  return sql<Date>`date_bin(make_interval(secs => ${seconds}), "timestamp", timestamptz 'epoch')`;
}

/** Records progress. `until` never goes back: minutes before it stay rolled up. `seenAt` is set with the last range only. */
async function noteDone(
  db: Kysely<Tables>,
  place: DatabaseLayout,
  until: Date,
  seenAt: Date | undefined,
): Promise<void> {
  const seen = seenAt ?? null;
  await sql`
    insert into ${table(place, 'livechannel_rolled_up')} as old (until, seen_at)
    values (${until}, coalesce(${seen}::timestamptz, '-infinity'))
    on conflict (one) do update set until = greatest(old.until, excluded.until),
      seen_at = greatest(old.seen_at, excluded.seen_at)`.execute(db);
}
