import { limitLockWait } from './lock-wait.ts';
import { type Kysely, sql } from 'kysely';
import { Migrator } from 'kysely/migration';
import { addMissingColumns, readAppChannels } from './app-channels.ts';
import { type AppMetricsState, readAppMetrics } from './app/app-metrics.ts';
import { createMetrics, quoted } from './app/contract-sql.ts';
import { canUseSchema, ensureSchema, relocate } from './app/relocate.ts';
import { StoreError, asStoreError, sqlStateOf } from './errors.ts';
import { findLayout, type Layout, OWN_SCHEMA } from './layout.ts';
import { claims } from './migrations/0001-tables.ts';
import { migrationNames, migrationsFor } from './migrations.ts';
import type { Tables } from './tables.ts';

const MIGRATIONS_TABLE = 'livechannel_migrations';
/** Key of an advisory lock: concurrent migrations wait for each other. */
const LOCK_KEY = 5_478_120_317;
const MAX_ATTEMPTS = 30;
const RETRY_DELAY_MS = 1_000;

/** State of the database's schema. */
export interface MigrationStatus {
  /** undefined: nothing has been migrated yet. */
  readonly layout: Layout | undefined;
  readonly applied: readonly string[];
  readonly pending: readonly string[];
  /** Applied by a newer version; unknown to this one. */
  readonly unknown: readonly string[];
}

export interface MigrateOptions {
  /** Keep everything in the schema "livechannel", and do not use the app's tables. */
  readonly ownSchema: boolean;
  /** Use the app's table `channels` from now on, which did not exist at the first run. */
  readonly appTables?: boolean;
  /** Called for every attempt that did not get a lock. */
  readonly onRetry?: (message: string) => void;
}

export interface MigrateResult extends MigrationStatus {
  readonly layout: Layout;
  /** Applied by this run. */
  readonly done: readonly string[];
  /** Added to the app's table of channels by this run. */
  readonly addedColumns: readonly string[];
  /** Schema that the project's tables were in before this run; undefined: they are where they were. */
  readonly relocatedFrom: string | undefined;
  /** Whether this run created the app's table of metrics. */
  readonly createdMetrics: boolean;
  readonly appMetrics: AppMetricsState;
}

/** Lists the applied, pending and unknown migrations. Changes nothing. */
export async function migrationStatus(db: Kysely<Tables>): Promise<MigrationStatus> {
  const layout = await findLayout(db);
  if (layout === undefined) return { layout, applied: [], pending: migrationNames, unknown: [] };
  const { rows } = await sql<{ name: string }>`
    select name from ${sql.id(layout.schema, MIGRATIONS_TABLE)} order by name`.execute(db);
  const applied = rows.map(({ name }) => name);
  return {
    layout,
    applied,
    pending: migrationNames.filter((name) => !applied.includes(name)),
    unknown: applied.filter((name) => !migrationNames.includes(name)),
  };
}

/** What there is under the name `stream_metrics` for the app. Changes nothing. */
export async function appMetricsStatus(db: Kysely<Tables>, layout: Layout): Promise<AppMetricsState> {
  const { schema, channelsSchema } = layout;
  if (channelsSchema === null) return { kind: 'own' };
  const { idType } = await readAppChannels(db, channelsSchema);
  return readAppMetrics(db, { schema, channels: { schema: channelsSchema, idType } });
}

/** SQL type of the IDs of the app's channels; undefined if there is no such table. Changes nothing. */
export async function channelIdType(db: Kysely<Tables>): Promise<string | undefined> {
  const { rows } = await sql<{ type: string }>`
    select format_type(a.atttypid, a.atttypmod) as type
    from pg_catalog.pg_attribute a
    where a.attrelid = to_regclass('channels') and a.attname = 'id' and not a.attisdropped`.execute(db);
  return rows[0]?.type;
}

/** Throws a StoreError unless the schema is that of this version. */
export function requireThisVersion({ layout, pending, unknown }: MigrationStatus): void {
  if (unknown.length > 0)
    throw new StoreError(
      'Invalid',
      `The database's schema is newer than this version, which does not know ${unknown.join(', ')}: use the version ` +
        'of livechannel-operator that migrated it, or a later one',
    );
  if (pending.length > 0)
    throw new StoreError(
      'Unavailable',
      `The database ${layout === undefined ? 'has no schema of livechannel yet' : `lacks ${pending.join(', ')}`}: run \`livechannel migrate\``,
    );
}

/**
 * Updates the schema in one transaction. Idempotent, and safe to run concurrently. Retries up to MAX_ATTEMPTS times when a
 * table is locked; throws a StoreError.
 */
export async function migrate(db: Kysely<Tables>, options: MigrateOptions): Promise<MigrateResult> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await db.transaction().execute((transaction) => migrateWithin(transaction, options));
    } catch (error) {
      const state = sqlStateOf(error);
      const isLock = state === '55P03' || state === '40P01';
      if (!isLock || attempt === MAX_ATTEMPTS)
        throw asStoreError('The database could not be migrated', error);
      options.onRetry?.(`a table is in use; trying again (${attempt} of ${MAX_ATTEMPTS})`);
      await new Promise((resolve) => setTimeout(resolve, RETRY_DELAY_MS));
    }
  }
}

async function migrateWithin(
  db: Kysely<Tables>,
  { ownSchema, appTables = false }: MigrateOptions,
): Promise<MigrateResult> {
  await sql`select pg_advisory_xact_lock(${LOCK_KEY})`.execute(db);
  await limitLockWait(db); // then it retries
  await requireServer(db);
  const before = await migrationStatus(db);
  if (before.unknown.length > 0) requireThisVersion(before);
  const found = before.layout ?? (await chooseLayout(db, ownSchema));
  const isNew = before.layout === undefined;
  const chosen = appTables && found.channelsSchema === null ? await adopted(db, found, isNew) : found;
  // First of all changes, so that an incompatible table is reported before anything else fails.
  const { channelsSchema } = chosen;
  const addedColumns = channelsSchema === null ? [] : await addMissingColumns(db, channelsSchema);
  const layout =
    ownSchema && channelsSchema === null ? { ...chosen, schema: OWN_SCHEMA } : await separated(db, chosen);
  if (!isNew && layout.schema !== chosen.schema) await relocate(db, chosen.schema, layout.schema);
  if (layout.schema === OWN_SCHEMA) await ensureSchema(db, OWN_SCHEMA);
  const createdMetrics = await createAppMetrics(db, layout);
  const appMetrics = await appMetricsStatus(db, layout);
  await sql`select set_config('search_path', quote_ident(${layout.schema}), true)`.execute(db);
  const migrator = new Migrator({
    db,
    provider: { getMigrations: async () => migrationsFor(layout) },
    migrationTableSchema: layout.schema,
    migrationTableName: MIGRATIONS_TABLE,
    migrationLockTableName: `${MIGRATIONS_TABLE}_lock`,
  });
  const { error, results = [] } = await migrator.migrateToLatest();
  // Rethrown, so that the transaction is rolled back.
  if (error !== undefined)
    throw error instanceof Error ? error : new Error('a migration failed', { cause: error });
  const done = results.map(({ migrationName }) => migrationName);
  return {
    ...{ layout, applied: migrationNames, pending: [], unknown: [], done, addedColumns },
    relocatedFrom: isNew || layout.schema === found.schema ? undefined : found.schema,
    ...{ createdMetrics, appMetrics },
  };
}

/**
 * The layout with the app's table of channels in place of the project's own, which is dropped: its rows are written again
 * from the resources. Throws a StoreError of reason Invalid if there is no table of the app.
 */
async function adopted(db: Kysely<Tables>, layout: Layout, isNew: boolean): Promise<Layout> {
  const { rows } = await sql<{ schema: string }>`
    select n.nspname as schema from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
    where c.relname = 'channels' and n.nspname = any(current_schemas(false)) and n.nspname <> ${layout.schema}
    order by array_position(current_schemas(false), n.nspname) limit 1`.execute(db);
  const schema = rows[0]?.schema;
  if (schema === undefined)
    throw new StoreError(
      'Invalid',
      'The database has no table "channels" of the app. If a table of livechannel has that name, free it with ' +
        "`livechannel migrate --own-schema`, and run the app's own migrations",
    );
  if (isNew) return { ...layout, channelsSchema: schema };
  await sql`drop table ${sql.id(layout.schema, 'channels')}`.execute(db);
  await sql.raw(claims(quoted(layout.schema, 'livechannel_claims'))).execute(db);
  await sql`update ${sql.id(layout.schema, 'livechannel_layout')} set channels_schema = ${schema}`.execute(
    db,
  );
  return { ...layout, channelsSchema: schema };
}

/**
 * The layout with the project's tables in their own schema, where `channels` is the app's: the names in the app's schema,
 * `stream_metrics` above all, are then free for the app. Where the role may not use such a schema, the layout remains.
 */
async function separated(db: Kysely<Tables>, layout: Layout): Promise<Layout> {
  if (layout.channelsSchema === null || layout.schema === OWN_SCHEMA) return layout;
  return (await canUseSchema(db, OWN_SCHEMA)) ? { ...layout, schema: OWN_SCHEMA } : layout;
}

/** Creates the app's table of metrics if there is none, with the type of its channels' IDs. */
async function createAppMetrics(db: Kysely<Tables>, layout: Layout): Promise<boolean> {
  const { channelsSchema } = layout;
  if (channelsSchema === null || (await appMetricsStatus(db, layout)).kind !== 'absent') return false;
  if (!(await canUseSchema(db, channelsSchema))) return false;
  const { idType } = await readAppChannels(db, channelsSchema);
  await sql.raw(createMetrics(channelsSchema, idType, false)).execute(db);
  return true;
}

/** The roll-ups use date_bin, which PostgreSQL has since version 14. */
const MIN_SERVER_VERSION = 14;

async function requireServer(db: Kysely<Tables>): Promise<void> {
  const { rows } = await sql<{ version: string }>`
    select current_setting('server_version') as version
    where current_setting('server_version_num')::integer < ${MIN_SERVER_VERSION * 10_000}`.execute(db);
  const [old] = rows;
  if (old !== undefined)
    throw new StoreError(
      'Invalid',
      `PostgreSQL ${old.version} is not supported: version ${MIN_SERVER_VERSION} or newer is required`,
    );
}

const ourTables: readonly (keyof Tables)[] = [
  'stream_metrics',
  'stream_metrics_1m',
  'stream_metrics_1h',
  'livechannel_costs',
];

/**
 * Chooses the layout of the first run. The project's tables go into the current schema, or into OWN_SCHEMA if one of
 * their names is taken (an app may have its own stream_metrics). An existing table "channels" is treated as the app's.
 */
async function chooseLayout(db: Kysely<Tables>, ownSchema: boolean): Promise<Layout> {
  const { rows } = await sql<{ current: string | null; taken: boolean; channels: string | null }>`
    select current_schema() as current,
      exists (select from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
        where n.nspname = current_schema() and c.relname in (${sql.join(ourTables)})) as taken,
      (select n.nspname from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
        where c.oid = to_regclass('channels')) as channels`.execute(db);
  const { current = null, taken = false, channels = null } = rows[0] ?? {};
  if (ownSchema) return { schema: OWN_SCHEMA, channelsSchema: null };
  if (current === null)
    throw new StoreError(
      'Invalid',
      'The database user has no usable schema: create one, set its search_path, or run `livechannel migrate --own-schema`',
    );
  return { schema: taken ? OWN_SCHEMA : current, channelsSchema: channels };
}
