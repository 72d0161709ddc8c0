import { type RawBuilder, sql } from 'kysely';
import { type AppChannels, type AppColumnName, appColumnNames } from './app-channels.ts';
import { appNamespaceOf } from './app-namespace.ts';
import { MAX_APP_STATEMENTS, writeAccepted } from './accept-rows.ts';
import { type AppColumn, isIdType, isOfType } from './app/columns.ts';
import { keyText } from './channel-key-text.ts';
import { type DatabaseLayout, table } from './layout.ts';
import type { ChannelKey, ChannelProjection, RefusedRow, UnwrittenChannels } from './store.ts';
import { writeRows } from './write-rows.ts';

const NUL = '\u0000';

/** Which rows are cleared: those of these namespaces (undefined: of all), except those that are set or kept. */
interface Clearing {
  readonly namespaces: readonly string[] | undefined;
  readonly kept?: readonly ChannelKey[] | undefined;
}

/**
 * Sets these rows and clears others, in one transaction. Concurrent calls take effect one after the other. A row that the
 * database refuses in the app's table stays as it is, and is returned.
 */
export async function projectChannels(
  place: DatabaseLayout,
  given: readonly ChannelProjection[],
  { namespaces, kept = [] }: Clearing,
): Promise<UnwrittenChannels> {
  const { app } = place;
  const all = nameable(place, given);
  return place.db.transaction().execute(async (db) => {
    const within = { ...place, db };
    if (app === undefined) {
      await writeRows(within, all, { table: 'channels', name: keyText, write: setOwn });
      await forgetIn(within, 'channels', 'id', [...all, ...kept], namespaces).execute(db);
      return { refused: [], tooLong: new Map() };
    }
    // Constraints that are checked at the commit would refuse all rows.
    await sql`set constraints all immediate`.execute(db);
    const appNamespace = appNamespaceOf(place);
    const rows = all.filter(({ namespace }) => namespace === appNamespace);
    const refused = await setInApp(within, app, rows);
    // Channels of other namespaces have no rows in it, even if they had before the namespace was named.
    const scope = namespaces === undefined || namespaces.includes(appNamespace) ? undefined : [];
    const there = [...rows, ...kept.filter(({ namespace }) => namespace === appNamespace)];
    const gone = await forgetIn(within, 'livechannel_claims', 'channel_id', there, scope).execute(db);
    const uncleared = await forgetInApp(within, app, gone.rows);
    return { refused: [...refused, ...uncleared], tooLong: tooLong(app, rows) };
  });
}

/** Number of values that are longer than the columns of the app. */
function tooLong(app: AppChannels, rows: readonly ChannelProjection[]): ReadonlyMap<string, number> {
  const longest: readonly (readonly [AppColumnName, (row: ChannelProjection) => string | undefined])[] = [
    ['hls_playback_url', (row) => row.hlsPlaybackUrl],
    ['streaming_platform', (row) => row.streamingPlatform],
    ['stream_key_id', (row) => row.streamKeyId],
  ];
  return new Map(
    longest.flatMap(([name, pick]) => {
      const most = app.columns.get(name)?.most ?? Infinity;
      const count = rows.filter((row) => Array.from(pick(row) ?? '').length > most).length;
      return count === 0 ? [] : [[name, count] as const];
    }),
  );
}

/** One row of each channel, the last one, without those whose key no statement can have as a value. */
function nameable(
  { onLeftOut }: DatabaseLayout,
  given: readonly ChannelProjection[],
): readonly ChannelProjection[] {
  return [...new Map(given.map((row) => [keyText(row), row]))].flatMap(([name, row]) => {
    if (!name.includes(NUL)) return [row];
    onLeftOut({ table: 'channels', row: name, message: 'the ID contains NUL' });
    return [];
  });
}

async function setOwn(place: DatabaseLayout, rows: readonly ChannelProjection[]): Promise<void> {
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
  rows: readonly ChannelKey[],
  namespaces: readonly string[] | undefined,
): RawBuilder<Gone> {
  const scope = namespaces === undefined ? sql`true` : sql`namespace = any(${[...namespaces]}::text[])`;
  return sql<Gone>`
    delete from ${table(place, name)} where ${scope} and (namespace, ${sql.id(idColumn)}) not in (
      select * from unnest(${rows.map((row) => row.namespace)}::text[], ${rows.map((row) => row.channelId)}::text[]))
    returning namespace, ${sql.id(idColumn)} as id`;
}

interface Gone {
  readonly namespace: string;
  readonly id: string;
}

/** Updates existing rows that differ; never inserts a row into the app's table. */
async function setInApp(
  place: DatabaseLayout,
  app: AppChannels,
  rows: readonly ChannelProjection[],
): Promise<readonly RefusedRow[]> {
  const columns = [...app.columns.values()];
  if (rows.length === 0 || columns.length === 0) return [];
  const values = [...app.columns].map(([name, column]) => valueFor(app, name, column));
  const assignments = columns.map(({ name }, index) => sql`${sql.id(name)} = ${values[index]}`);
  const write = async (some: readonly ChannelProjection[]): Promise<void> => {
    const ids = some.map(({ channelId }) => channelId);
    await sql`
      update ${sql.id(app.schema, 'channels')} as c set ${sql.join(assignments)}
      from (${said(some)}) as said
      where ${isRow(app, ids, sql`said.id`)}
        and (${sql.join(columns.map(({ name }) => sql`c.${sql.id(name)}`))}) is distinct from (${sql.join(values)})`.execute(
      place.db,
    );
  };
  const refused = await writeAccepted(place.db, rows, write, MAX_APP_STATEMENTS);
  await claim(
    place,
    rows.map(({ namespace, channelId }) => ({ namespace, id: channelId })),
  );
  return refused.map(({ row: { channelId }, message }) => ({ channelId, message }));
}

async function claim(place: DatabaseLayout, rows: readonly Gone[]): Promise<void> {
  await writeRows(place, rows, {
    table: 'livechannel_claims',
    name: ({ namespace, id }) => keyText({ namespace, channelId: id }),
    write: async ({ db }, some) => {
      await sql`
        insert into ${table(place, 'livechannel_claims')} (namespace, channel_id)
        select * from unnest(${some.map(({ namespace }) => namespace)}::text[], ${some.map(({ id }) => id)}::text[])
        on conflict do nothing`.execute(db);
    },
  });
}

/** The value for a column, cast to its type. A column that is not nullable keeps its value when the new one is null. */
function valueFor(
  { holdsAuto }: AppChannels,
  name: AppColumnName,
  { type, category, most, notNull }: AppColumn,
): RawBuilder<unknown> {
  const value = sql`said.${sql.id(name === 'stream_mode' && !holdsAuto ? 'effective_stream_mode' : name)}`;
  const fitting = most === undefined ? value : sql`case when length(${value}) <= ${most} then ${value} end`;
  const cast =
    category === 'timestamp'
      ? sql`(${value} at time zone 'UTC')`
      : category === 'timestamptz'
        ? value
        : sql`(${fitting})::${sql.raw(type)}`;
  return notNull ? sql`coalesce(${cast}, c.${sql.id(name)})` : cast;
}

/**
 * Shows channels that no longer exist as stopped, with the default mode and without an address. Returns the refused rows,
 * which are cleared next time.
 */
async function forgetInApp(
  place: DatabaseLayout,
  app: AppChannels,
  gone: readonly Gone[],
): Promise<readonly RefusedRow[]> {
  const assignments = [...app.columns].flatMap(([name, { type, notNull, hasDefault }]) => {
    if (name === 'relay_status') return [sql`${sql.id(name)} = ${'stopped'}::${sql.raw(type)}`];
    if (hasDefault && (notNull || name === 'stream_mode')) return [sql`${sql.id(name)} = default`];
    return notNull ? [] : [sql`${sql.id(name)} = null`];
  });
  if (assignments.length === 0 || gone.length === 0) return [];
  const write = async (some: readonly Gone[]): Promise<void> => {
    const ids = some.map(({ id }) => id);
    await sql`
      update ${sql.id(app.schema, 'channels')} as c set ${sql.join(assignments)}
      from unnest(${ids}::text[]) as gone (id)
      where ${isRow(app, ids, sql`gone.id`)}
        and not exists (select from ${table(place, 'livechannel_claims')} where channel_id = gone.id)`.execute(
      place.db,
    );
  };
  const refused = await writeAccepted(place.db, gone, write, MAX_APP_STATEMENTS);
  await claim(
    place,
    refused.map(({ row }) => row),
  );
  return refused.map(({ row: { id }, message }) => ({ channelId: id, message }));
}

/**
 * Matches a row of the app's table by its id as text. Where the ids can be cast to the column's type, they are compared
 * in that type as well, so that PostgreSQL uses the primary key instead of reading a table of millions of rows.
 */
function isRow(app: AppChannels, ids: Iterable<string>, id: RawBuilder<unknown>): RawBuilder<unknown> {
  const asText = sql`c.id::text = ${id}`;
  const typed = [...ids].filter((one) => isOfType(app.idType, one));
  if (typed.length === 0) return isIdType(app.idType) ? sql`false` : asText;
  return isIdType(app.idType) ? sql`${asText} and c.id = any(${typed}::${sql.raw(app.idType)}[])` : asText;
}

/** The rows as an SQL table of text and timestamptz. */
function said(rows: readonly ChannelProjection[]): RawBuilder<unknown> {
  const column = (pick: (row: ChannelProjection) => string | undefined): (string | null)[] =>
    rows.map((row) => pick(row) ?? null);
  return sql`select * from unnest(
      ${column((row) => row.namespace)}::text[], ${column((row) => row.channelId)}::text[],
      ${column((row) => row.streamMode)}::text[], ${column((row) => row.hlsPlaybackUrl)}::text[],
      ${column((row) => row.relayStatus)}::text[], ${column((row) => row.relayStartedAt?.toISOString())}::timestamptz[],
      ${column((row) => row.streamingPlatform)}::text[], ${column((row) => row.streamKeyId)}::text[],
      ${column((row) => row.effectiveStreamMode)}::text[])
    as t (namespace, id, stream_mode, hls_playback_url, relay_status, relay_started_at, streaming_platform, stream_key_id,
      effective_stream_mode)`;
}
