import { type RawBuilder, sql } from 'kysely';
import { type DatabaseLayout, table } from './layout.ts';
import type { PartitionedTable } from './partitions.ts';
import { healths } from '../api/values.ts';

/** Interval of a table's rows. */
export type Granularity = 'sample' | 'minute' | 'hour';

export const tableOf = {
  sample: 'stream_metrics',
  minute: 'stream_metrics_1m',
  hour: 'stream_metrics_1h',
} as const satisfies Record<Granularity, PartitionedTable>;

/** The time range [from, to). */
export interface Range {
  readonly from: Date;
  readonly to: Date;
}

/**
 * Selects rows of any of the three tables as sums and counts. These can be added up exactly; averages alone cannot,
 * because a sample may lack a number. Viewers and kbit/s are integers, so an average times its count is an integer, too.
 */
export function aggregateColumns(
  place: DatabaseLayout,
  resolution: Granularity,
  { from, to }: Range,
): RawBuilder<unknown> {
  const columns =
    resolution === 'sample'
      ? sql`agora_viewers::double precision as agora_sum, (agora_viewers is not null)::integer as agora_samples,
          hls_viewers::double precision as hls_sum, (hls_viewers is not null)::integer as hls_samples,
          hls_viewers as hls_most,
          bitrate_kbps::double precision as bitrate_sum, (bitrate_kbps is not null)::integer as bitrate_samples,
          relay_health, 1 as samples, after_gap::integer as gaps`
      : sql`round(agora_viewers * agora_samples) as agora_sum, agora_samples,
          round(hls_viewers * hls_samples) as hls_sum, hls_samples, hls_viewers_most as hls_most,
          round(bitrate_kbps * bitrate_samples) as bitrate_sum, bitrate_samples,
          relay_health, samples, gaps`;
  return sql`select namespace, channel_id, "timestamp", ${columns} from ${table(place, tableOf[resolution])}
    where "timestamp" >= ${from} and "timestamp" < ${to}`;
}

/** SQL array of the healths, best first: the position orders them. */
const healthOrder = sql`array[${sql.join(healths.map((health) => sql.lit(health)))}]`;

/** The worst health of a group of rows; null if none is known. */
export const worstHealth = sql`(${healthOrder})[max(array_position(${healthOrder}, relay_health))]`;

/** The sums of a step as averages; null if no sample has the number. The health is the worst of the step. */
export const averages = sql`
  sum(agora_sum) / nullif(sum(agora_samples), 0) as agora_viewers, sum(agora_samples)::integer as agora_samples,
  sum(hls_sum) / nullif(sum(hls_samples), 0) as hls_viewers, sum(hls_samples)::integer as hls_samples,
  max(hls_most) as hls_viewers_most,
  sum(bitrate_sum) / nullif(sum(bitrate_samples), 0) as bitrate_kbps,
  sum(bitrate_samples)::integer as bitrate_samples,
  ${worstHealth} as relay_health,
  sum(samples)::integer as samples, sum(gaps)::integer as gaps`;
