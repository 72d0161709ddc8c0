import { sql } from 'kysely';
import { keyText } from './channel-key-text.ts';
import { sqlStateOf } from './errors.ts';
import { type DatabaseLayout, table } from './layout.ts';
import { distinct, ensurePartitions, partitionOf } from './partitions.ts';
import type { Sample } from './store.ts';
import { writeRows } from './write-rows.ts';

/** Rows per statement, which is then a few hundred kilobytes. */
const STATEMENT_ROWS = 5_000;

/**
 * Writes samples; existing ones are not changed. Creates the partitions that they need. Returns those that were left out.
 */
export async function addSamples(
  place: DatabaseLayout,
  samples: readonly Sample[],
): Promise<readonly Sample[]> {
  const leftOut: Sample[] = [];
  for (let first = 0; first < samples.length; first += STATEMENT_ROWS) {
    const rows = samples.slice(first, first + STATEMENT_ROWS);
    const how = { table: 'stream_metrics', name: keyText, write: insertPartitioned };
    leftOut.push(...(await writeRows(place, rows, how)));
  }
  return leftOut;
}

async function insertPartitioned(place: DatabaseLayout, rows: readonly Sample[]): Promise<void> {
  try {
    await insert(place, rows);
  } catch (error) {
    // "no partition of relation found for row": the first sample of a day, or a late one of a dropped day.
    if (sqlStateOf(error) !== '23514') throw error;
    await ensurePartitions(place, distinct(rows.map(({ at }) => partitionOf('stream_metrics', at))));
    await insert(place, rows);
  }
}

async function insert(place: DatabaseLayout, rows: readonly Sample[]): Promise<void> {
  const column = <T>(pick: (sample: Sample) => T | undefined): (T | null)[] =>
    rows.map((row) => pick(row) ?? null);
  await sql`
    insert into ${table(place, 'stream_metrics')} (namespace, channel_id, "timestamp", agora_viewers, hls_viewers,
      bitrate_kbps, relay_health, relay_status, platform, after_gap)
    select * from unnest(
      ${column((row) => row.namespace)}::text[], ${column((row) => row.channelId)}::text[],
      ${column((row) => row.at.toISOString())}::timestamptz[], ${column((row) => row.agoraViewers)}::integer[],
      ${column((row) => row.hlsViewers)}::integer[], ${column((row) => row.bitrateKbps)}::integer[],
      ${column((row) => row.relayHealth)}::text[], ${column((row) => row.relayStatus)}::text[],
      ${column((row) => row.platform)}::text[], ${column((row) => row.afterGap)}::boolean[])
    on conflict do nothing`.execute(place.db);
}

/** The newest sample of each channel of the namespace, if it is not older than `since`. */
export async function latestSamples(
  place: DatabaseLayout,
  namespace: string,
  since: Date,
): Promise<Sample[]> {
  const rows = await place.db
    .selectFrom('stream_metrics')
    .distinctOn('channel_id')
    .selectAll()
    .where('timestamp', '>=', since)
    .where('namespace', '=', namespace)
    .orderBy('channel_id')
    .orderBy('timestamp', 'desc')
    .execute();
  return rows.map((row) => ({
    namespace: row.namespace,
    channelId: row.channel_id,
    at: row.timestamp,
    agoraViewers: row.agora_viewers ?? undefined,
    hlsViewers: row.hls_viewers ?? undefined,
    bitrateKbps: row.bitrate_kbps ?? undefined,
    relayHealth: row.relay_health ?? undefined,
    relayStatus: row.relay_status ?? undefined,
    platform: row.platform ?? undefined,
    afterGap: row.after_gap,
  }));
}
