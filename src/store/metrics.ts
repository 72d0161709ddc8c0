import { sql } from 'kysely';
import type { DatabaseLayout } from './layout.ts';
import { sourcesOf } from './metrics-sources.ts';
import { averages, aggregateColumns } from './parts.ts';
import { bin } from './roll-ups.ts';
import type { MetricPoint, MetricsQuery } from './store.ts';
import type { RolledUpTable } from './tables.ts';

/** Averages over each step that has a sample. Steps begin at multiples of their length since the Unix epoch. */
export async function metrics(place: DatabaseLayout, query: MetricsQuery): Promise<MetricPoint[]> {
  const row = await place.db.selectFrom('livechannel_rolled_up').selectAll().executeTakeFirst();
  const sources = sourcesOf(query, {
    rolledUpUntil: row?.until,
    samplesSince: row?.samples_since ?? undefined,
    minutesSince: row?.minutes_since ?? undefined,
  });
  if (sources.length === 0) return [];
  const ofChannel = sql`namespace = ${query.namespace} and channel_id = ${query.channelId}`;
  const all = sources.map(
    (source) => sql`(${aggregateColumns(place, source.resolution, source)} and ${ofChannel})`,
  );
  const { rows } = await sql<Omit<RolledUpTable, 'timestamp'> & { step: Date }>`
    select ${bin(query.stepSeconds)} as step, ${averages}
    from (${sql.join(all, sql` union all `)}) as parts
    group by step order by step`.execute(place.db);
  return rows.map((row) => ({
    at: row.step,
    agoraViewers: row.agora_viewers ?? undefined,
    hlsViewers: row.hls_viewers ?? undefined,
    hlsViewersMost: row.hls_viewers_most ?? undefined,
    bitrateKbps: row.bitrate_kbps ?? undefined,
    relayHealth: row.relay_health ?? undefined,
    samples: row.samples,
    gaps: row.gaps,
  }));
}
