import { sql } from 'kysely';
import { type DatabaseLayout, table } from './layout.ts';
import { keyText } from './channel-key-text.ts';
import type { Announced, Announcement, OutboxMessage } from './store.ts';
import { writeRows } from './write-rows.ts';

export async function announced(
  { db }: DatabaseLayout,
  namespaces: readonly string[] | undefined,
): Promise<Announced[]> {
  let rows = db.selectFrom('livechannel_announced').selectAll();
  if (namespaces !== undefined) rows = rows.where(sql<boolean>`namespace = any(${[...namespaces]}::text[])`);
  return (await rows.execute()).map((row) => ({
    namespace: row.namespace,
    channelId: row.channel_id,
    state: row.state,
  }));
}

/** The keys of channels as two arrays, for unnest. */
function keysOf(rows: readonly Pick<Announcement, 'namespace' | 'channelId'>[]) {
  return sql`unnest(${rows.map((row) => row.namespace)}::text[], ${rows.map((row) => row.channelId)}::text[])`;
}

/**
 * The rows of livechannel_announced decide what is queued: of two leaders that announce the same, the second one changes no
 * row, and queues nothing.
 */
export async function announce(
  place: DatabaseLayout,
  announcements: readonly Announcement[],
  at: Date,
): Promise<void> {
  // Every leader locks rows in the same order.
  const sorted = announcements.toSorted((one, other) => (keyText(one) < keyText(other) ? -1 : 1));
  await writeRows(place, sorted, {
    table: 'livechannel_outbox',
    name: keyText,
    atomic: true,
    write: (within, some) =>
      within.db.isTransaction
        ? queue(within, some, at)
        : within.db.transaction().execute((db) => queue({ ...within, db }, some, at)),
  });
}

/** Queues the messages of those of which something else was announced before. */
async function queue(place: DatabaseLayout, sorted: readonly Announcement[], at: Date): Promise<void> {
  const changed = new Set([
    ...(await setStates(place, sorted)),
    ...(await removeStates(
      place,
      sorted.filter(({ state }) => state === undefined),
    )),
  ]);
  const news = sorted.filter((each) => changed.has(keyText(each)));
  await removeReplaced(place, news);
  const rows = news.flatMap(({ namespace, channelId, messages }) =>
    messages.map(({ type, data }) => ({ namespace, channel_id: channelId, type, created_at: at, data })),
  );
  if (rows.length > 0) await place.db.insertInto('livechannel_outbox').values(rows).execute();
}

/** Returns the names of the channels whose row was changed. */
async function setStates(place: DatabaseLayout, all: readonly Announcement[]): Promise<string[]> {
  const values = all.flatMap(({ namespace, channelId, state }) =>
    state === undefined ? [] : [{ namespace, channel_id: channelId, state }],
  );
  if (values.length === 0) return [];
  const rows = await place.db
    .insertInto('livechannel_announced')
    .values(values)
    .onConflict((conflict) =>
      conflict
        .columns(['namespace', 'channel_id'])
        .doUpdateSet({ state: sql`excluded.state` })
        .where(sql<boolean>`livechannel_announced.state <> excluded.state`),
    )
    .returning(['namespace', 'channel_id as channelId'])
    .execute();
  return rows.map(keyText);
}

async function removeStates(place: DatabaseLayout, gone: readonly Announcement[]): Promise<string[]> {
  if (gone.length === 0) return [];
  const { rows } = await sql<{ namespace: string; channelId: string }>`
    delete from ${table(place, 'livechannel_announced')} where (namespace, channel_id) in (select * from ${keysOf(gone)})
    returning namespace, channel_id as "channelId"`.execute(place.db);
  return rows.map(keyText);
}

/** A later message has the whole news of an earlier one of its type; after `ended`, nothing else is of interest. */
async function removeReplaced(place: DatabaseLayout, news: readonly Announcement[]): Promise<void> {
  const replaced = news.flatMap(({ namespace, channelId, messages }) =>
    messages.flatMap(({ type }) =>
      (type === 'ended' ? ['status', 'mode', 'ended'] : [type]).map((each) => ({
        namespace,
        channelId,
        type: each,
      })),
    ),
  );
  if (replaced.length === 0) return;
  await sql`
    delete from ${table(place, 'livechannel_outbox')} where (namespace, channel_id, type) in (
      select * from unnest(${replaced.map((row) => row.namespace)}::text[],
        ${replaced.map((row) => row.channelId)}::text[], ${replaced.map((row) => row.type)}::text[]))`.execute(
    place.db,
  );
}

export async function waitingMessages(place: DatabaseLayout, most: number): Promise<OutboxMessage[]> {
  const rows = await place.db
    .selectFrom((from) =>
      from
        .selectFrom('livechannel_outbox')
        .selectAll()
        .distinctOn(['namespace', 'channel_id'])
        .orderBy('namespace')
        .orderBy('channel_id')
        .orderBy('id')
        .as('first'),
    )
    .selectAll()
    .orderBy('id')
    .limit(most)
    .execute();
  return rows.map((row) => ({
    id: String(row.id),
    namespace: row.namespace,
    channelId: row.channel_id,
    type: row.type,
    createdAt: row.created_at,
    data: row.data,
  }));
}

export async function messageDelivered({ db }: DatabaseLayout, id: string): Promise<void> {
  await db.deleteFrom('livechannel_outbox').where('id', '=', Number(id)).execute();
}

/** The newest messages are kept. */
export async function pruneMessages(place: DatabaseLayout, before: Date, most: number): Promise<number> {
  const { numAffectedRows = 0n } = await sql`
    delete from ${table(place, 'livechannel_outbox')} where created_at < ${before} or id <= (
      select id from ${table(place, 'livechannel_outbox')} order by id desc offset ${most} limit 1)`.execute(
    place.db,
  );
  return Number(numAffectedRows);
}
