import type { Place } from './layout.ts';
import { dropPartitions, ensurePartitions, existing, outdated, partitionsAhead } from './partitions.ts';
import type { Retention } from './retention.ts';
import { rollUp } from './roll-ups.ts';

/** Partitions ahead, then roll-ups, and only then what is too old goes. */
export async function upkeep(place: Place, now: Date, retention: Retention): Promise<void> {
  await ensurePartitions(place, partitionsAhead(now));
  await rollUp(place, now, retention);
  const there = await existing(place, place.db);
  const days = {
    stream_metrics: retention.sampleDays,
    stream_metrics_1m: retention.minuteDays,
    stream_metrics_1h: retention.hourDays,
  };
  const unwanted = there.flatMap((partition) => outdated([partition], now, days[partition.table]));
  await dropPartitions(place, unwanted);
}
