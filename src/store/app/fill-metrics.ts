import { floorTo } from '../roll-ups.ts';
import { type RawBuilder, sql } from 'kysely';
import { type DatabaseLayout, table } from '../layout.ts';
import { worstHealth } from '../parts.ts';
import type { FilledMetrics, FillMetrics, RefusedRow } from '../store.ts';
import { MAX_APP_STATEMENTS, writeAccepted } from '../accept-rows.ts';
import { limitLockWait } from '../lock-wait.ts';
import { appNamespaceOf } from '../app-namespace.ts';
import { type AppMetrics, appMetricsOf, timeAs } from './app-metrics.ts';
import { type AppColumn, idAs, isIdType, isWholeNumber } from './columns.ts';
import { describeAppMetrics } from './describe-metrics.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
/** After an interruption, at most this time is filled in afterwards. */
const MAX_BACKLOG_MS = 24 * HOUR_MS;
/** Minutes, each a transaction, in one call. */
const MAX_MINUTES = 20;

/**
 * Inserts the samples of the whole minutes before `until` into the app's table of metrics. Each minute is one transaction
 * that also records progress, so a minute is inserted once, whatever happens between two calls and whoever makes them.
 */
export async function fillMetrics(
  place: DatabaseLayout,
  { until, rows }: FillMetrics,
): Promise<FilledMetrics> {
  const { app } = place;
  const state = await appMetricsOf(place);
  const found = {
    table: state.kind,
    ...(state.kind === 'own' || state.kind === 'usable'
      ? {}
      : { problem: describeAppMetrics(state, place.schema) }),
    ...{ written: 0, refused: [], until: undefined, more: false },
  };
  if (state.kind !== 'usable' || app === undefined) return found;
  const end = floorTo(MINUTE_MS, until).getTime();
  const refused: RefusedRow[] = [];
  let written = 0;
  for (let count = 0; count < MAX_MINUTES; count++) {
    const minute = await place.db
      .transaction()
      .execute((db) => fillNext({ ...place, db }, { ...app, rows, into: state.table }, end));
    if (minute === undefined) return { ...found, written, refused, until: new Date(end) };
    written += minute.written;
    refused.push(...minute.refused);
  }
  return { ...found, written, refused, more: true };
}

interface Filling {
  readonly schema: string;
  readonly idType: string;
  readonly rows: FillMetrics['rows'];
  readonly into: AppMetrics;
}

/** Fills in the next minute before `end`; undefined if there is none. */
async function fillNext(
  place: DatabaseLayout,
  filling: Filling,
  end: number,
): Promise<Pick<FilledMetrics, 'written' | 'refused'> | undefined> {
  const { db } = place;
  await limitLockWait(db);
  // Another leader waits here, and then finds the minute done.
  const { rows } = await sql<{ until: Date | null }>`
    select until from ${table(place, 'livechannel_app_metrics')} for update`.execute(db);
  // At the first time nothing older is filled in, because the app may have filled its table itself until now.
  const start = rows[0]?.until?.getTime() ?? end - MINUTE_MS;
  const from = Math.max(start, end - MAX_BACKLOG_MS);
  if (from >= end) return undefined;
  const minute = new Date(from);
  // Constraints that are checked at the commit would refuse all rows.
  await sql`set constraints all immediate`.execute(db);
  const done = await fillMinute(place, filling, minute);
  const isEmpty = done.written === 0 && done.refused.length === 0;
  const next = isEmpty ? await afterEmptyHour(place, from + MINUTE_MS, end) : from + MINUTE_MS;
  await sql`update ${table(place, 'livechannel_app_metrics')} set until = ${new Date(next)}`.execute(db);
  return done;
}

/** Skips an hour without any sample, so that a long time without a show is not read minute by minute. */
async function afterEmptyHour(place: DatabaseLayout, from: number, end: number): Promise<number> {
  const to = Math.min(from + HOUR_MS, end);
  const { rows } = await sql<{ found: boolean }>`
    select exists (select from ${table(place, 'stream_metrics')}
      where "timestamp" >= ${new Date(from)} and "timestamp" < ${new Date(to)}) as found`.execute(place.db);
  return rows[0]?.found === false ? to : from;
}

async function fillMinute(
  place: DatabaseLayout,
  filling: Filling,
  minute: Date,
): Promise<Pick<FilledMetrics, 'written' | 'refused'>> {
  const { db } = place;
  let written = 0;
  const unfit: RefusedRow[] = [];
  const insert = async (channels: readonly string[] | undefined): Promise<void> => {
    const { rows } = await insertion(place, filling, minute, channels).execute(db);
    written += rows[0]?.written ?? 0;
    unfit.push(
      ...(rows[0]?.unfit ?? []).map((channelId) => ({
        channelId,
        message: `the ID does not fit into channel_id of type ${filling.into.columns.channel_id.type}`,
      })),
    );
  };
  // One statement for all channels. Only if the database refuses it are they named, and divided.
  const whole = await writeAccepted(db, [undefined], () => insert(undefined));
  if (whole.length === 0) return { written, refused: unfit };
  const { rows } = await sql<{ channel_id: string }>`
    select distinct channel_id from (${samplesOf(place, filling, minute)}) as seen
    order by channel_id`.execute(db);
  const refused = await writeAccepted(
    db,
    rows.map(({ channel_id: channelId }) => channelId),
    insert,
    MAX_APP_STATEMENTS,
  );
  return {
    written,
    refused: [...unfit, ...refused.map(({ row: channelId, message }) => ({ channelId, message }))],
  };
}

/** Samples, or their averages, of the channels that the app has, which are those of one namespace. */
function samplesOf(
  place: DatabaseLayout,
  { schema, idType, rows, into }: Filling,
  minute: Date,
): RawBuilder<unknown> {
  const samples = sql`${table(place, 'stream_metrics')}
    where namespace = ${appNamespaceOf(place)}
      and "timestamp" >= ${minute} and "timestamp" < ${new Date(minute.getTime() + MINUTE_MS)}`;
  const values =
    rows === 'sample'
      ? sql`select namespace, channel_id, "timestamp" as at, agora_viewers, hls_viewers, bitrate_kbps, relay_health,
          relay_status from ${samples}`
      : sql`select namespace, channel_id, ${minute}::timestamptz as at, avg(agora_viewers) as agora_viewers,
          avg(hls_viewers) as hls_viewers, avg(bitrate_kbps) as bitrate_kbps, ${worstHealth} as relay_health,
          case when bool_or(relay_status = 'error') then 'error'
            when bool_or(relay_status = 'starting') then 'starting' end as relay_status
          from ${samples} group by namespace, channel_id`;
  const id = sql`${sql.raw(idAs(idType, 'seen.channel_id'))}`;
  const same = isIdType(idType) ? sql`c.id = ${id}` : sql`c.id::text = seen.channel_id`;
  const { type } = into.columns.channel_id;
  const value = type === idType ? sql`c.id` : sql.raw(idAs(type, 'seen.channel_id'));
  return sql`
    select seen.*, ${value} as value from (${values}) as seen
    join ${sql.id(schema, 'channels')} as c on ${same}`;
}

function insertion(
  place: DatabaseLayout,
  filling: Filling,
  minute: Date,
  channels: readonly string[] | undefined,
): RawBuilder<{ written: number; unfit: readonly string[] }> {
  const { schema, columns } = filling.into;
  const number = (name: 'agora_viewers' | 'hls_viewers' | 'bitrate_kbps'): RawBuilder<unknown> => {
    const whole = sql`round(${sql.id(name)})::${sql.raw(columns[name].type)}`;
    return columns[name].notNull ? sql`coalesce(${whole}, 0)` : whole;
  };
  const ids = isWholeNumber(columns.id.type)
    ? sql`coalesce(range_agg(int8range(id, id, '[]')), '{}'), '{}'::text[]`
    : sql`'{}'::int8multirange, coalesce(array_agg(id::text), '{}')`;
  const some = channels === undefined ? sql`true` : sql`channel_id = any(${[...channels]}::text[])`;
  return sql<{ written: number; unfit: readonly string[] }>`
    with seen as materialized (select * from (${samplesOf(place, filling, minute)}) as seen where ${some}),
    written as (
      insert into ${sql.id(schema, 'stream_metrics')}
        (channel_id, "timestamp", agora_viewers, hls_viewers, bitrate_kbps, relay_health, created_at)
      select value, ${timeAs(columns.timestamp, sql`at`)}, ${number('agora_viewers')}, ${number('hls_viewers')},
        ${number('bitrate_kbps')}, ${health(columns.relay_health)}, ${timeAs(columns.created_at, sql`now()`)}
      from seen where value is not null
      returning id),
    noted as (
      insert into ${table(place, 'livechannel_app_metrics_minutes')} as old
        (table_schema, minute, id_ranges, other_ids)
      select ${schema}, ${minute}::timestamptz, ${ids} from written having count(*) > 0
      on conflict (minute, table_schema) do update set id_ranges = old.id_ranges + excluded.id_ranges,
        other_ids = old.other_ids || excluded.other_ids)
    select (select count(*) from written)::integer as written,
      array(select distinct channel_id from seen where value is null) as unfit`;
}

/** Where it must not be null, the health that relay.status would report: that of the relay's status. */
function health({ type, notNull }: AppColumn): RawBuilder<unknown> {
  const known = notNull
    ? sql`coalesce(relay_health, case relay_status when 'error' then 'poor' when 'starting' then 'fair' else 'good' end)`
    : sql`relay_health`;
  return sql`(${known})::${sql.raw(type)}`;
}
