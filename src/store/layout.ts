import { type Kysely, type RawBuilder, sql } from 'kysely';
import { type AppChannels, readAppChannels } from './app-channels.ts';
import { StoreError } from './errors.ts';
import type { Tables } from './tables.ts';

/** The schema that takes our tables where their names are taken in the current one. */
export const OWN_SCHEMA = 'livechannel';

/** Where things are in this database. */
export interface DatabaseLayout {
  /** Qualifies every table with the schema. */
  readonly db: Kysely<Tables>;
  /** Of all tables that are ours. */
  readonly schema: string;
  /** The app's own table of channels; undefined: `channels` is ours. */
  readonly app: AppChannels | undefined;
}

/** The full name of one of our tables, for SQL that is written out. */
export function table(place: Pick<DatabaseLayout, 'schema'>, name: keyof Tables): RawBuilder<unknown> {
  return sql.id(place.schema, name);
}

/** What the first migration decided, as livechannel_layout holds it; undefined before that. */
export interface Layout {
  readonly schema: string;
  /** Schema of the app's channels, or null. */
  readonly channelsSchema: string | null;
}

export async function findLayout(db: Kysely<Tables>): Promise<Layout | undefined> {
  const { rows } = await sql<{ schema: string }>`
    select n.nspname as schema
    from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
    where c.relname = 'livechannel_layout' and n.nspname in (${OWN_SCHEMA}, current_schema())
    order by n.nspname = ${OWN_SCHEMA} desc limit 1`.execute(db);
  const [found] = rows;
  if (found === undefined) return undefined;
  const { channels_schema: channelsSchema } = await db
    .withSchema(found.schema)
    .selectFrom('livechannel_layout')
    .select('channels_schema')
    .executeTakeFirstOrThrow();
  return { schema: found.schema, channelsSchema };
}

export async function findDatabaseLayout(db: Kysely<Tables>): Promise<DatabaseLayout> {
  const layout = await findLayout(db);
  if (layout === undefined)
    throw new StoreError(
      'Unavailable',
      'The database has no schema of livechannel yet: run `livechannel migrate`',
    );
  const { schema, channelsSchema } = layout;
  return {
    db: db.withSchema(schema),
    schema,
    app: channelsSchema === null ? undefined : await readAppChannels(db, channelsSchema),
  };
}
