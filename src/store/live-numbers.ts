import { sql } from 'kysely';
import { LIVE_NUMBERS_VALID_MS } from '../api/live-numbers.ts';
import { keyText } from './channel-key-text.ts';
import { type DatabaseLayout, table } from './layout.ts';
import type { LiveRow, StoredLiveRow } from './store.ts';
import { storableJson } from './storable-text.ts';
import { writeRows } from './write-rows.ts';

/** Rows that were not written for this time are deleted: their channels are gone or off air. */
const outdated = sql`written_at < now() - make_interval(secs => ${LIVE_NUMBERS_VALID_MS / 1_000}::double precision)`;

/**
 * Replaces the rows of these channels, and deletes those of all others that are out of date, in one statement. Of two rows
 * of a channel, the last one counts.
 */
export async function setLiveNumbers(place: DatabaseLayout, rows: readonly LiveRow[]): Promise<void> {
  const newest = [...new Map(rows.map((row) => [keyText(row), row])).values()];
  await writeRows(place, newest, {
    table: 'livechannel_live_numbers',
    name: keyText,
    numbers: ({ agoraViewers, hlsViewers }) => [agoraViewers, hlsViewers],
    write: replace,
  });
  // Without rows, nothing else deletes those of channels that are no longer on air.
  if (rows.length === 0) await replace(place, []);
}

async function replace(place: DatabaseLayout, rows: readonly LiveRow[]): Promise<void> {
  const column = <T>(pick: (row: LiveRow) => T | undefined): (T | null)[] =>
    rows.map((row) => pick(row) ?? null);
  const namespaces = sql`${column((row) => row.namespace)}::text[]`;
  const channelIds = sql`${column((row) => row.channelId)}::text[]`;
  // A statement must not delete a row that it also writes.
  await sql`
    with outdated as (
      delete from ${table(place, 'livechannel_live_numbers')}
      where ${outdated} and (namespace, channel_id) not in (select * from unnest(${namespaces}, ${channelIds})))
    insert into ${table(place, 'livechannel_live_numbers')} (namespace, channel_id, at, agora_viewers, hls_viewers, report)
    select namespace, channel_id, at, agora_viewers, hls_viewers, report::jsonb from unnest(
      ${namespaces}, ${channelIds}, ${column((row) => row.at.toISOString())}::timestamptz[],
      ${column((row) => row.agoraViewers)}::bigint[], ${column((row) => row.hlsViewers)}::bigint[],
      ${column((row) => storableJson(row.report))}::text[])
      as new (namespace, channel_id, at, agora_viewers, hls_viewers, report)
    on conflict (namespace, channel_id) do update set at = excluded.at, written_at = excluded.written_at,
      agora_viewers = excluded.agora_viewers, hls_viewers = excluded.hls_viewers, report = excluded.report`.execute(
    place.db,
  );
}

/**
 * The rows of a namespace, with their age by the database's clock: the clocks of writer and reader need not agree. Rows
 * that are to be deleted are left out.
 */
export async function liveNumbers(
  place: DatabaseLayout,
  namespace: string,
): Promise<readonly StoredLiveRow[]> {
  const { rows } = await sql<{
    channel_id: string;
    at: Date;
    age_ms: number;
    agora_viewers: number | null;
    hls_viewers: number | null;
    report: unknown;
  }>`
    select channel_id, at, agora_viewers, hls_viewers, report,
      extract(epoch from now() - written_at)::double precision * 1000 as age_ms
    from ${table(place, 'livechannel_live_numbers')}
    where namespace = ${namespace} and not ${outdated}`.execute(place.db);
  return rows.map((row) => ({
    namespace,
    channelId: row.channel_id,
    at: row.at,
    ageMs: row.age_ms,
    agoraViewers: row.agora_viewers ?? undefined,
    hlsViewers: row.hls_viewers ?? undefined,
    report: row.report ?? undefined,
  }));
}
