import { type RawBuilder, sql } from 'kysely';
import { type AppChannels, type AppColumn, type AppColumnName, appColumnNames } from './app-channels.ts';
import { type DatabaseLayout, table } from './layout.ts';
import type { ChannelProjection } from './store.ts';

/**
 * Sets these rows and clears those that are not among them, in one transaction. Concurrent calls take effect one after the
 * other.
 */
export async function projectChannels(
  place: DatabaseLayout,
  rows: readonly ChannelProjection[],
  namespaces: readonly string[] | undefined,
): Promise<void> {
  await place.db.transaction().execute(async (db) => {
    const within = { ...place, db };
    const { app } = place;
    if (app === undefined) {
      await setOwn(within, rows);
      await forgetIn(within, 'channels', 'id', rows, namespaces).execute(db);
      return;
    }
    await setInApp(within, app, rows);
    const gone = await forgetIn(within, 'livechannel_claims', 'channel_id', rows, namespaces).execute(db);
    await forgetInApp(
      within,
      app,
      gone.rows.map(({ id }) => id),
    );
  });
}

async function setOwn(place: DatabaseLayout, rows: readonly ChannelProjection[]): Promise<void> {
  if (rows.length === 0) return;
  const assignments = appColumnNames.map((name) => sql`${sql.id(name)} = excluded.${sql.id(name)}`);
  const names = sql.join(appColumnNames.map((name) => sql.id(name)));
  await sql`
    insert into ${table(place, 'channels')} as old (namespace, id, ${names})
    select namespace, id, ${names} from (${said(rows)}) as said
    on conflict (namespace, id) do update set ${sql.join(assignments)}
    where (${sql.join(appColumnNames.map((name) => sql`old.${sql.id(name)}`))})
      is distinct from (${sql.join(appColumnNames.map((name) => sql`excluded.${sql.id(name)}`))})`.execute(
    place.db,
  );
}

function forgetIn(
  place: DatabaseLayout,
  name: 'channels' | 'livechannel_claims',
  idColumn: string,
  rows: readonly ChannelProjection[],
  namespaces: readonly string[] | undefined,
): RawBuilder<{ id: string }> {
  const scope = namespaces === undefined ? sql`true` : sql`namespace = any(${[...namespaces]}::text[])`;
  return sql<{ id: string }>`
    delete from ${table(place, name)} where ${scope} and (namespace, ${sql.id(idColumn)}) not in (
      select * from unnest(${rows.map((row) => row.namespace)}::text[], ${rows.map((row) => row.channelId)}::text[]))
    returning ${sql.id(idColumn)} as id`;
}

/** Updates existing rows that differ; never inserts a row into the app's table. */
async function setInApp(
  place: DatabaseLayout,
  app: AppChannels,
  rows: readonly ChannelProjection[],
): Promise<void> {
  // The id is the app's, so channels of one id in two namespaces share a row. It shows the namespace first by name.
  const byId = new Map(
    rows
      .toSorted((one, other) => (one.namespace < other.namespace ? 1 : -1))
      .map((row) => [row.channelId, row]),
  );
  const columns = [...app.columns.values()];
  if (byId.size === 0 || columns.length === 0) return;
  const values = [...app.columns].map(([name, column]) => valueFor(name, column));
  const assignments = columns.map(({ name }, index) => sql`${sql.id(name)} = ${values[index]}`);
  await sql`
    update ${sql.id(app.schema, 'channels')} as c set ${sql.join(assignments)}
    from (${said([...byId.values()])}) as said
    where ${isRow(app, byId.keys(), sql`said.id`)}
      and (${sql.join(columns.map(({ name }) => sql`c.${sql.id(name)}`))}) is distinct from (${sql.join(values)})`.execute(
    place.db,
  );
  await sql`
    insert into ${table(place, 'livechannel_claims')} (namespace, channel_id)
    select * from unnest(${rows.map((row) => row.namespace)}::text[], ${rows.map((row) => row.channelId)}::text[])
    on conflict do nothing`.execute(place.db);
}

/** The value for a column, cast to its type. A column that is not nullable keeps its value when the new one is null. */
function valueFor(name: AppColumnName, { type, category, most, notNull }: AppColumn): RawBuilder<unknown> {
  const value = sql`said.${sql.id(name)}`;
  const fitting = most === undefined ? value : sql`case when length(${value}) <= ${most} then ${value} end`;
  const cast =
    category === 'timestamp'
      ? sql`(${value} at time zone 'UTC')`
      : category === 'timestamptz'
        ? value
        : sql`(${fitting})::${sql.raw(type)}`;
  return notNull ? sql`coalesce(${cast}, c.${sql.id(name)})` : cast;
}

async function forgetInApp(place: DatabaseLayout, app: AppChannels, ids: readonly string[]): Promise<void> {
  const assignments = [...app.columns.values()].flatMap(({ name, notNull, hasDefault }) => {
    if (!notNull) return [sql`${sql.id(name)} = null`];
    return hasDefault ? [sql`${sql.id(name)} = default`] : [];
  });
  if (assignments.length === 0 || ids.length === 0) return;
  // Another namespace may have a channel of that id, too.
  await sql`
    update ${sql.id(app.schema, 'channels')} as c set ${sql.join(assignments)}
    from unnest(${[...ids]}::text[]) as gone (id)
    where ${isRow(app, ids, sql`gone.id`)}
      and not exists (select from ${table(place, 'livechannel_claims')} where channel_id = gone.id)`.execute(
    place.db,
  );
}

const wholeNumbers: Record<string, bigint> = {
  smallint: 2n ** 15n,
  integer: 2n ** 31n,
  bigint: 2n ** 63n,
};
const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/**
 * Matches a row of the app's table by its id as text. Where the ids can be cast to the column's type, they are compared
 * in that type as well, so that PostgreSQL uses the primary key instead of reading a table of millions of rows.
 */
function isRow(app: AppChannels, ids: Iterable<string>, id: RawBuilder<unknown>): RawBuilder<unknown> {
  const asText = sql`c.id::text = ${id}`;
  const typed = [...ids].filter((one) => isOfType(app.idType, one));
  if (typed.length === 0) return castable(app.idType) ? sql`false` : asText;
  return castable(app.idType) ? sql`${asText} and c.id = any(${typed}::${sql.raw(app.idType)}[])` : asText;
}

function castable(type: string): boolean {
  return type in wholeNumbers || type === 'uuid' || type === 'text';
}

/** Whether the id, as text, is a value of the SQL type. */
export function isOfType(type: string, id: string): boolean {
  const limit = wholeNumbers[type];
  if (limit !== undefined)
    return /^(0|-?[1-9]\d{0,18})$/.test(id) && BigInt(id) < limit && BigInt(id) >= -limit;
  return type === 'uuid' ? uuid.test(id) : true;
}

/** The rows as an SQL table of text and timestamptz. */
function said(rows: readonly ChannelProjection[]): RawBuilder<unknown> {
  const column = (pick: (row: ChannelProjection) => string | undefined): (string | null)[] =>
    rows.map((row) => pick(row) ?? null);
  return sql`select * from unnest(
      ${column((row) => row.namespace)}::text[], ${column((row) => row.channelId)}::text[],
      ${column((row) => row.streamMode)}::text[], ${column((row) => row.hlsPlaybackUrl)}::text[],
      ${column((row) => row.relayStatus)}::text[], ${column((row) => row.relayStartedAt?.toISOString())}::timestamptz[],
      ${column((row) => row.streamingPlatform)}::text[], ${column((row) => row.streamKeyId)}::text[])
    as t (namespace, id, stream_mode, hls_playback_url, relay_status, relay_started_at, streaming_platform, stream_key_id)`;
}
