import { sql } from 'kysely';
import { keyText } from './channel-key-text.ts';
import { type DatabaseLayout, table } from './layout.ts';
import type { CostEntry, CostQuery, ShowOrHour, SpentQuery } from './store.ts';
import { writeRows } from './write-rows.ts';

/** Replaces existing entries of the same hour and line: an entry is the total of its hour, not an addition. */
export async function setCosts(place: DatabaseLayout, entries: readonly CostEntry[]): Promise<void> {
  await writeRows(place, entries, { table: 'livechannel_costs', name: keyText, write: upsert });
}

async function upsert(place: DatabaseLayout, entries: readonly CostEntry[]): Promise<void> {
  const column = <T>(pick: (entry: CostEntry) => T): T[] => entries.map(pick);
  await sql`
    insert into ${table(place, 'livechannel_costs')}
      (namespace, channel_id, hour, show, platform, line, micro_dollars, quantity, estimated, prices, missing_seconds)
    select distinct on (namespace, channel_id, hour, show, platform, line)
      namespace, channel_id, hour, show, platform, line, micro_dollars, quantity, estimated, prices, missing_seconds
    from unnest(
      ${column((entry) => entry.namespace)}::text[], ${column((entry) => entry.channelId)}::text[],
      ${column((entry) => entry.hour.toISOString())}::timestamptz[],
      ${column((entry) => entry.show.toISOString())}::timestamptz[],
      ${column((entry) => entry.platform)}::text[], ${column((entry) => entry.line)}::text[],
      ${column((entry) => entry.microDollars)}::bigint[], ${column((entry) => entry.quantity)}::double precision[],
      ${column((entry) => entry.estimated)}::boolean[], ${column((entry) => entry.prices)}::text[],
      ${column((entry) => entry.missingSeconds)}::integer[])
      with ordinality as said
      (namespace, channel_id, hour, show, platform, line, micro_dollars, quantity, estimated, prices, missing_seconds, number)
    order by namespace, channel_id, hour, show, platform, line, number desc
    on conflict (namespace, channel_id, hour, show, platform, line) do update set
      micro_dollars = excluded.micro_dollars, quantity = excluded.quantity,
      estimated = excluded.estimated, prices = excluded.prices,
      missing_seconds = excluded.missing_seconds`.execute(place.db);
}

/** Entries of the hours that begin in [from, to), in chronological order. */
export async function costsOf(place: DatabaseLayout, query: CostQuery): Promise<CostEntry[]> {
  let rows = place.db
    .selectFrom('livechannel_costs')
    .selectAll()
    .where('namespace', '=', query.namespace)
    .where('hour', '>=', query.from)
    .where('hour', '<', query.to);
  if (query.channelId !== undefined) rows = rows.where('channel_id', '=', query.channelId);
  const found = await rows
    .orderBy('hour')
    .orderBy('channel_id')
    .orderBy('platform')
    .orderBy('line')
    .execute();
  return found.map(
    ({ channel_id: channelId, micro_dollars: microDollars, missing_seconds: missingSeconds, ...rest }) => ({
      ...rest,
      channelId,
      microDollars,
      missingSeconds,
    }),
  );
}

/** Of what a sum may be larger, and then is not exact as a number: the sum is this. Nine billion dollars. */
const MAX_SPENT = Number.MAX_SAFE_INTEGER;

/** Sum in micro-dollars, computed by PostgreSQL because a month of a large namespace has a million lines. */
export async function spentOf(place: DatabaseLayout, query: SpentQuery): Promise<number> {
  let rows = place.db
    .selectFrom('livechannel_costs')
    .select(sql<number>`least(coalesce(sum(micro_dollars), 0), ${MAX_SPENT}::bigint)`.as('spent'))
    .where('namespace', '=', query.namespace)
    .where('hour', '>=', query.from)
    .where('hour', '<', query.to);
  if (query.channelId !== undefined) rows = rows.where('channel_id', '=', query.channelId);
  if (query.show !== undefined) rows = rows.where('show', '=', query.show);
  return (await rows.executeTakeFirst())?.spent ?? 0;
}

export async function spentBy(
  place: DatabaseLayout,
  namespace: string,
  channels: readonly ShowOrHour[],
): Promise<ReadonlyMap<string, number>> {
  if (channels.length === 0) return new Map();
  const { rows } = await sql<{ channelId: string; spent: number }>`
    select asked.channel_id as "channelId", least(coalesce(sum(micro_dollars), 0), ${MAX_SPENT}::bigint)::bigint as spent
    from unnest(
      ${channels.map(({ channelId }) => channelId)}::text[],
      ${channels.map(({ since }) => since.toISOString())}::timestamptz[],
      ${channels.map(({ show }) => show?.toISOString() ?? null)}::timestamptz[]) as asked (channel_id, since, of_show)
    left join ${table(place, 'livechannel_costs')} as costs
      on costs.namespace = ${namespace} and costs.channel_id = asked.channel_id and costs.hour >= asked.since
        and (asked.of_show is null or costs.show = asked.of_show)
    group by asked.channel_id`.execute(place.db);
  return new Map(rows.map(({ channelId, spent }) => [channelId, spent]));
}
