import { type Kysely, sql } from 'kysely';
import { type AppColumn, checksAccept, columnsOf } from './app/columns.ts';
import { channelColumns } from './app/contract-sql.ts';
import { withinSavepoint } from './accept-rows.ts';
import { StoreError } from './errors.ts';
import type { Tables } from './tables.ts';
import { effectiveStreamModes, relayStatuses } from '../api/values.ts';

export const appColumnNames = [
  'stream_mode',
  'hls_playback_url',
  'relay_status',
  'relay_started_at',
  'streaming_platform',
  'stream_key_id',
] as const;
export type AppColumnName = (typeof appColumnNames)[number];

/** The columns that an app's table of channels must have, and the types that this program can write. */
const wanted: Record<AppColumnName, { readonly kind: 'text' | 'time'; readonly values?: readonly string[] }> =
  {
    // A column without "auto" is used, too: see `holdsAuto`.
    stream_mode: { kind: 'text', values: effectiveStreamModes },
    hls_playback_url: { kind: 'text' },
    relay_status: { kind: 'text', values: relayStatuses },
    relay_started_at: { kind: 'time' },
    streaming_platform: { kind: 'text' },
    stream_key_id: { kind: 'text' },
  };

/** The app's table of channels, and those of its columns that this program writes. */
export interface AppChannels {
  readonly schema: string;
  /** SQL type of the column `id`, e.g. "integer", "uuid". */
  readonly idType: string;
  readonly columns: ReadonlyMap<AppColumnName, AppColumn>;
  /** Whether stream_mode can be `auto`. If not, e.g. because it is an enum of three modes, it gets the effective mode. */
  readonly holdsAuto: boolean;
}

/** Reads the columns of the app's table of channels. Throws a StoreError of reason Invalid if it has no column "id". */
export async function readAppChannels(db: Kysely<Tables>, schema: string): Promise<AppChannels> {
  const found = await columnsOf(db, schema, 'channels');
  const id = found.get('id');
  if (id === undefined)
    throw new StoreError(
      'Invalid',
      `The app's table ${schema}.channels has no column "id", which identifies its rows; ` +
        '`livechannel migrate --own-schema` does not use it and keeps everything in the schema "livechannel"',
    );
  const columns = appColumnNames.flatMap((name) => {
    const column = found.get(name);
    return column === undefined ? [] : [[name, column] as const];
  });
  return {
    schema,
    idType: id.type,
    columns: new Map(columns),
    holdsAuto: await holdsAuto(db, schema, found.get('stream_mode')),
  };
}

async function holdsAuto(
  db: Kysely<Tables>,
  schema: string,
  column: AppColumn | undefined,
): Promise<boolean> {
  if (column === undefined) return true;
  if (column.category === 'enum' && !column.labels.includes('auto')) return false;
  try {
    return await withinSavepoint(db, () => checksAccept(db, { schema, table: 'channels', column }, 'auto'));
  } catch {
    // A constraint that cannot be evaluated alone. If it refuses a row, that row is reported.
    return true;
  }
}

/** Explains why the column cannot be used as it is; undefined: it can be used. */
export function incompatibility(name: AppColumnName, column: AppColumn): string | undefined {
  const { kind, values = [] } = wanted[name];
  if (column.computed) return 'is computed by the database and cannot be written';
  if (kind === 'time')
    return column.category === 'timestamptz' || column.category === 'timestamp'
      ? undefined
      : `is of type ${column.type}, and must be timestamp with time zone`;
  if (column.category === 'enum') {
    const missing = values.filter((value) => !column.labels.includes(value));
    if (values.length > 0 && missing.length === 0) return undefined;
    return values.length === 0
      ? `is of the enum type ${column.type}, and must be text`
      : `is of the enum type ${column.type}, which lacks ${missing.join(', ')}`;
  }
  if (column.category !== 'text') return `is of type ${column.type}, and must be text`;
  const longest = Math.max(0, ...values.map((value) => value.length));
  return column.most !== undefined && column.most < longest
    ? `holds ${column.most} characters, and must hold ${longest}`
    : undefined;
}

/**
 * Adds the missing columns: nullable and with a constant default or none, so that PostgreSQL rewrites no row. If an
 * existing column cannot be used, changes nothing and throws a StoreError of reason Invalid. Returns the names of the added
 * columns.
 */
export async function addMissingColumns(db: Kysely<Tables>, schema: string): Promise<readonly string[]> {
  await refuseWhatIsNoTable(db, schema);
  const { columns } = await readAppChannels(db, schema);
  const problems = [...columns].flatMap(([name, column]) => {
    const problem = incompatibility(name, column);
    return problem === undefined ? [] : [`column ${schema}.channels.${name} ${problem}`];
  });
  if (problems.length > 0)
    throw new StoreError(
      'Invalid',
      `The app's table of channels cannot be used as it is: ${problems.join('; ')}. Nothing was changed. Change the ` +
        'column, or let `livechannel migrate --own-schema` keep everything in the schema "livechannel"',
    );
  const missing = appColumnNames.filter((name) => !columns.has(name));
  if (missing.length === 0) return [];
  const additions = missing.map((name) => sql`add column ${sql.id(name)} ${sql.raw(channelColumns[name])}`);
  await sql`alter table ${sql.id(schema, 'channels')} ${sql.join(additions)}`.execute(db);
  return missing;
}

const relationKinds = new Map([
  ['v', 'a view'],
  ['m', 'a materialized view'],
  ['f', 'a foreign table'],
]);

async function refuseWhatIsNoTable(db: Kysely<Tables>, schema: string): Promise<void> {
  const { rows } = await sql<{ relkind: string }>`
    select c.relkind from pg_catalog.pg_class c
    where c.oid = to_regclass(format('%I.%I', ${schema}::text, 'channels'))`.execute(db);
  const kind = rows[0]?.relkind;
  if (kind === 'r' || kind === 'p') return;
  throw new StoreError(
    'Invalid',
    `${schema}.channels is ${relationKinds.get(kind ?? '') ?? 'missing'}, not a table that columns can be added to; ` +
      '`livechannel migrate --own-schema` does not use it and keeps everything in the schema "livechannel"',
  );
}
