import { type Kysely, type RawBuilder, sql } from 'kysely';
import { type AppChannels, readAppChannels } from './app-channels.ts';
import { StoreError } from './errors.ts';
import type { LeftOutRow } from './store.ts';
import type { Tables } from './tables.ts';

/** The schema for the project's tables when the current schema already has tables of those names. */
export const OWN_SCHEMA = 'livechannel';

/** Where the tables are in this database. */
export interface DatabaseLayout {
  /** Handle that qualifies every table with `schema`. */
  readonly db: Kysely<Tables>;
  /** Schema of all the project's tables. */
  readonly schema: string;
  /** The app's table of channels; undefined: `channels` belongs to this project. */
  readonly app: AppChannels | undefined;
  /** The namespace whose channels are in the app's tables; undefined: these must not be written. */
  readonly appNamespace: string | undefined;
  /** Called for each row that writeRows leaves out. */
  readonly onLeftOut: (row: LeftOutRow) => void;
}

/** Schema-qualified name of one of the project's tables, for raw SQL. */
export function table(place: Pick<DatabaseLayout, 'schema'>, name: keyof Tables): RawBuilder<unknown> {
  return sql.id(place.schema, name);
}

/** The layout that the first migration chose and stored in livechannel_layout. */
export interface Layout {
  readonly schema: string;
  /** Schema of the app's table of channels; null: the project's own table is used. */
  readonly channelsSchema: string | null;
}

/** The stored layout; undefined before the first migration. */
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

/** Reads the layout and the app's columns. Throws a StoreError of reason Unavailable before the first migration. */
export async function findDatabaseLayout(
  db: Kysely<Tables>,
  {
    appNamespace,
    onLeftOut = () => undefined,
  }: Partial<Pick<DatabaseLayout, 'appNamespace' | 'onLeftOut'>> = {},
): Promise<DatabaseLayout> {
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
    appNamespace,
    onLeftOut,
  };
}
