import { limitLockWait } from './lock-wait.ts';
import { type Kysely, sql } from 'kysely';
import { sqlStateOf } from './errors.ts';
import type { DatabaseLayout } from './layout.ts';
import type { Tables } from './tables.ts';

export type PartitionedTable = 'stream_metrics' | 'stream_metrics_1m' | 'stream_metrics_1h';
const DAY_MS = 86_400_000;

/** The partition of a table that holds [from, to): a day, or a month for the hourly table. All times are UTC. */
export interface Partition {
  readonly table: PartitionedTable;
  readonly name: string;
  readonly from: Date;
  readonly to: Date;
}

/** The partition that holds the time `at`. */
export function partitionOf(table: PartitionedTable, at: Date): Partition {
  const [year, month, day] = [at.getUTCFullYear(), at.getUTCMonth(), at.getUTCDate()];
  const isMonthly = table === 'stream_metrics_1h';
  const from = new Date(Date.UTC(year, month, isMonthly ? 1 : day));
  const to = isMonthly ? new Date(Date.UTC(year, month + 1, 1)) : new Date(from.getTime() + DAY_MS);
  const label = from
    .toISOString()
    .slice(0, isMonthly ? 7 : 10)
    .replaceAll('-', '');
  return { table, name: `${table}_p${label}`, from, to };
}

/** The partitions of today and the next two days, so that writes still succeed if upkeep fails for two days. */
export function partitionsAhead(now: Date): Partition[] {
  const days = [0, 1, 2].map((ahead) => new Date(now.getTime() + ahead * DAY_MS));
  return distinct(
    (['stream_metrics', 'stream_metrics_1m', 'stream_metrics_1h'] as const).flatMap((table) =>
      days.map((day) => partitionOf(table, day)),
    ),
  );
}

/** The partitions without duplicates, by name. */
export function distinct(partitions: readonly Partition[]): Partition[] {
  return [...new Map(partitions.map((partition) => [partition.name, partition])).values()];
}

/** The partitions that hold only rows older than the retention: `days` whole days before the day of `now`. */
export function outdated(partitions: readonly Partition[], now: Date, days: number | undefined): Partition[] {
  if (days === undefined) return [];
  const begin = keptSince(now, days);
  return partitions.filter(({ to }) => to.getTime() <= begin.getTime());
}

/** The midnight (UTC) before which nothing is kept. */
export function keptSince(now: Date, days: number): Date {
  return new Date(Math.floor(now.getTime() / DAY_MS) * DAY_MS - days * DAY_MS);
}

/**
 * SQLSTATEs that mean that another session has just created the table: the table exists, its row type exists (a table has
 * one of its name), or the name was written to the catalog at the same moment.
 */
const createdConcurrently: ReadonlySet<string> = new Set(['42P07', '42710', '23505']);

/**
 * Creates the missing partitions. Each is created as a table and then attached, because attaching does not block reads
 * and writes of the parent.
 */
export async function ensurePartitions(place: DatabaseLayout, wanted: readonly Partition[]): Promise<void> {
  const there = await existing(place, place.db);
  const names = new Set(there.map(({ name }) => name));
  for (const partition of wanted.filter(({ name }) => !names.has(name))) {
    try {
      await place.db.transaction().execute(async (db) => {
        const name = sql.id(place.schema, partition.name);
        const parent = sql.id(place.schema, partition.table);
        await sql`create table ${name} (like ${parent} including all)`.execute(db);
        const [from, to] = [partition.from, partition.to].map((time) => sql.lit(time.toISOString()));
        await sql`alter table ${parent} attach partition ${name} for values from (${from}) to (${to})`.execute(
          db,
        );
      });
    } catch (error) {
      if (!createdConcurrently.has(sqlStateOf(error) ?? '')) throw error;
    }
  }
}

/** Drops whole partitions, which is cheaper than deleting rows and leaves no dead rows. */
export async function dropPartitions(place: DatabaseLayout, unwanted: readonly Partition[]): Promise<void> {
  for (const { name } of unwanted) {
    try {
      await place.db.transaction().execute(async (db) => {
        // The drop waits for readers of the table, and other queries behind it.
        await limitLockWait(db);
        await sql`drop table if exists ${sql.id(place.schema, name)}`.execute(db);
      });
    } catch (error) {
      // In use: the next upkeep drops it.
      if (sqlStateOf(error) !== '55P03') throw error;
    }
  }
}

/** All existing partitions whose names are of the form that partitionOf produces. */
export async function existing(
  place: Pick<DatabaseLayout, 'schema'>,
  db: Kysely<Tables>,
): Promise<Partition[]> {
  const { rows } = await sql<{ parent: string; name: string }>`
    select p.relname as parent, c.relname as name
    from pg_catalog.pg_inherits i
    join pg_catalog.pg_class c on c.oid = i.inhrelid
    join pg_catalog.pg_class p on p.oid = i.inhparent
    join pg_catalog.pg_namespace n on n.oid = p.relnamespace
    where n.nspname = ${place.schema} and p.relkind = 'p'`.execute(db);
  return rows.flatMap(({ parent, name }) => {
    const read = /^(stream_metrics(?:_1m|_1h)?)_p(\d{4})(\d{2})(\d{2})?$/.exec(name);
    const [, table, year, month, day = '01'] = read ?? [];
    if (table !== parent || !isPartitioned(table)) return [];
    return [partitionOf(table, new Date(`${year ?? ''}-${month ?? ''}-${day}T00:00:00Z`))];
  });
}

function isPartitioned(table: string): table is PartitionedTable {
  return table === 'stream_metrics' || table === 'stream_metrics_1m' || table === 'stream_metrics_1h';
}
