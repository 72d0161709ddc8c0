import { type Selectable, sql } from 'kysely';
import { keyText } from './channel-key-text.ts';
import { type DatabaseLayout, table } from './layout.ts';
import type { CostQuery, ServiceHour, ServiceSum } from './store.ts';
import type { ServiceHoursTable } from './tables.ts';
import { writeRows } from './write-rows.ts';

/** Replaces existing rows of the same channel and hour. A channel and hour may occur once. */
export async function setServiceHours(place: DatabaseLayout, hours: readonly ServiceHour[]): Promise<void> {
  await writeRows(place, hours, { table: 'livechannel_service_hours', name: keyText, write: upsert });
}

async function upsert(place: DatabaseLayout, hours: readonly ServiceHour[]): Promise<void> {
  const column = <T>(pick: (hour: ServiceHour) => T): T[] => hours.map(pick);
  await sql`
    insert into ${table(place, 'livechannel_service_hours')}
      (namespace, channel_id, hour, wanted_seconds, on_air_seconds, waiting_seconds, missing_seconds,
        ingest_bytes, measured_bytes, estimated_bytes, until, wanted_at_end)
    select * from unnest(
      ${column((row) => row.namespace)}::text[], ${column((row) => row.channelId)}::text[],
      ${column((row) => row.hour.toISOString())}::timestamptz[],
      ${column((row) => row.wantedSeconds)}::double precision[],
      ${column((row) => row.onAirSeconds)}::double precision[],
      ${column((row) => row.waitingSeconds)}::double precision[],
      ${column((row) => row.missingSeconds)}::double precision[],
      ${column((row) => row.ingestBytes)}::bigint[], ${column((row) => row.measuredBytes)}::bigint[],
      ${column((row) => row.estimatedBytes)}::bigint[],
      ${column((row) => row.until.toISOString())}::timestamptz[], ${column((row) => row.wantedAtEnd)}::boolean[])
    on conflict (namespace, channel_id, hour) do update set
      wanted_seconds = excluded.wanted_seconds, on_air_seconds = excluded.on_air_seconds,
      waiting_seconds = excluded.waiting_seconds, missing_seconds = excluded.missing_seconds,
      ingest_bytes = excluded.ingest_bytes, measured_bytes = excluded.measured_bytes,
      estimated_bytes = excluded.estimated_bytes, until = excluded.until,
      wanted_at_end = excluded.wanted_at_end`.execute(place.db);
}

/** The newest row of each channel, if its hour is not older than `since`. */
export async function latestServiceHours(place: DatabaseLayout, since: Date): Promise<ServiceHour[]> {
  const rows = await place.db
    .selectFrom('livechannel_service_hours')
    .distinctOn(['namespace', 'channel_id'])
    .selectAll()
    .where('hour', '>=', since)
    .orderBy('namespace')
    .orderBy('channel_id')
    .orderBy('hour', 'desc')
    .execute();
  return rows.map(hourOf);
}

/**
 * Sums of the hours that begin in [from, to): one for each channel, and one for each UTC day.
 * Bytes of many channels exceed what is exact as a number: their sums are rounded.
 */
export async function serviceSums(place: DatabaseLayout, query: CostQuery): Promise<ServiceSum[]> {
  const { namespace, channelId, from, to } = query;
  const { rows } = await sql<{ channel_id: string | null; day: Date | null } & Sums>`
    select channel_id, day, sum(wanted_seconds) as wanted_seconds, sum(on_air_seconds) as on_air_seconds,
      sum(waiting_seconds) as waiting_seconds, sum(missing_seconds) as missing_seconds,
      sum(ingest_bytes)::double precision as ingest_bytes, sum(measured_bytes)::double precision as measured_bytes,
      sum(estimated_bytes)::double precision as estimated_bytes
    from (
      select *, date_trunc('day', hour, 'UTC') as day from ${table(place, 'livechannel_service_hours')}
      where namespace = ${namespace} and hour >= ${from} and hour < ${to}
        and (${channelId ?? null}::text is null or channel_id = ${channelId ?? null})) as hours
    group by grouping sets ((channel_id), (day))
    order by day, channel_id`.execute(place.db);
  return rows.map((row) => ({
    channelId: row.channel_id ?? undefined,
    day: row.day ?? undefined,
    ...sumsOf(row),
  }));
}

type Sums = Pick<
  Selectable<ServiceHoursTable>,
  | 'wanted_seconds'
  | 'on_air_seconds'
  | 'waiting_seconds'
  | 'missing_seconds'
  | 'ingest_bytes'
  | 'measured_bytes'
  | 'estimated_bytes'
>;

function sumsOf(row: Sums): Omit<ServiceSum, 'channelId' | 'day'> {
  return {
    wantedSeconds: row.wanted_seconds,
    onAirSeconds: row.on_air_seconds,
    waitingSeconds: row.waiting_seconds,
    missingSeconds: row.missing_seconds,
    ingestBytes: row.ingest_bytes,
    measuredBytes: row.measured_bytes,
    estimatedBytes: row.estimated_bytes,
  };
}

function hourOf(row: Selectable<ServiceHoursTable>): ServiceHour {
  const { namespace, channel_id: channelId, hour, until, wanted_at_end: wantedAtEnd } = row;
  return { namespace, channelId, hour, until, wantedAtEnd, ...sumsOf(row) };
}
