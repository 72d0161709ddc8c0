import { type Kysely, type RawBuilder, sql } from 'kysely';
import { healths } from '../../api/values.ts';
import { type DatabaseLayout, OWN_SCHEMA } from '../layout.ts';
import type { Tables } from '../tables.ts';
import { type AppColumn, columnsOf, isIdType, isWholeNumber } from './columns.ts';
import { metricColumns } from './contract-sql.ts';

export type AppMetricColumn = (typeof metricColumns)[number];

/** An app's table `stream_metrics` of a shape that can be filled. */
export interface AppMetrics {
  readonly schema: string;
  readonly columns: Readonly<Record<AppMetricColumn, AppColumn>>;
}

/** What there is under the name `stream_metrics` beside the app's table of channels. */
export type AppMetricsState =
  /** `channels` is the project's own: so is `stream_metrics`, with its IDs as text. */
  | { readonly kind: 'own' }
  | { readonly kind: 'absent' }
  /** The project's own table has the name, because it could not be relocated to its own schema. */
  | { readonly kind: 'occupied'; readonly schema: string }
  | { readonly kind: 'unusable'; readonly schema: string; readonly problems: readonly string[] }
  | { readonly kind: 'usable'; readonly table: AppMetrics };

export interface MetricsPlace {
  /** Schema of the project's tables. */
  readonly schema: string;
  /** Schema of the app's table of channels; undefined: `channels` is the project's own. */
  readonly channels: { readonly schema: string; readonly idType: string } | undefined;
}

/**
 * Finds the app's table of metrics as the app finds it: along the search path, and at last beside its table of channels.
 * Reads the catalog only.
 */
export async function readAppMetrics(db: Kysely<Tables>, place: MetricsPlace): Promise<AppMetricsState> {
  const { channels } = place;
  if (channels === undefined) return { kind: 'own' };
  const { rows } = await sql<{ schema: string; relkind: string; permitted: boolean; role: string }>`
    select n.nspname as schema, c.relkind, current_user as role,
      has_table_privilege(c.oid, 'select') and has_table_privilege(c.oid, 'insert')
        and has_table_privilege(c.oid, 'delete') as permitted
    from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
    where c.relname = 'stream_metrics' and c.relkind in ('r', 'p', 'v', 'm', 'f')
      and (n.nspname = any(current_schemas(false)) or n.nspname = ${channels.schema})
    order by array_position(current_schemas(false), n.nspname) nulls last`.execute(db);
  const found = rows.find(({ schema }) => schema !== place.schema);
  if (found === undefined)
    return rows.length > 0 && place.schema !== OWN_SCHEMA
      ? { kind: 'occupied', schema: place.schema }
      : { kind: 'absent' };
  const { schema } = found;
  if (found.relkind !== 'r' && found.relkind !== 'p')
    return { kind: 'unusable', schema, problems: ['it is not a table that rows can be inserted into'] };
  if (!found.permitted) {
    const grant = `grant select, insert, delete on ${schema}.stream_metrics to ${found.role}`;
    return {
      kind: 'unusable',
      schema,
      problems: [`the role ${found.role} must be allowed to fill it: \`${grant}\``],
    };
  }
  return judge(schema, await columnsOf(db, schema, 'stream_metrics'), channels.idType);
}

/** The app's table of metrics in the database of this layout. */
export function appMetricsOf({ db, schema, app }: DatabaseLayout): Promise<AppMetricsState> {
  return readAppMetrics(db, { schema, channels: app });
}

/** A timestamptz as a value for the column: a timestamp without time zone holds UTC. */
export function timeAs({ category }: AppColumn, time: RawBuilder<unknown>): RawBuilder<unknown> {
  return category === 'timestamp' ? sql`(${time} at time zone 'UTC')` : time;
}

/** Decides whether a table of these columns can be filled. `idType`: type of the IDs of the app's channels. */
export function judge(
  schema: string,
  columns: ReadonlyMap<string, AppColumn>,
  idType: string,
): AppMetricsState {
  const known: Partial<Record<AppMetricColumn, AppColumn>> = {};
  const problems: string[] = [];
  for (const name of metricColumns) {
    const column = columns.get(name);
    const problem = column === undefined ? 'is missing' : incompatibility(name, column, idType);
    if (column !== undefined) known[name] = column;
    if (problem !== undefined) problems.push(`column ${name} ${problem}`);
  }
  for (const [name, { notNull, hasDefault, computed }] of columns)
    if (!metricColumns.some((one) => one === name) && notNull && !hasDefault && !computed)
      problems.push(`column ${name} is NOT NULL and has no default`);
  return problems.length === 0 && isComplete(known)
    ? { kind: 'usable', table: { schema, columns: known } }
    : { kind: 'unusable', schema, problems };
}

function isComplete(
  columns: Partial<Record<AppMetricColumn, AppColumn>>,
): columns is Record<AppMetricColumn, AppColumn> {
  return metricColumns.every((name) => columns[name] !== undefined);
}

function incompatibility(name: AppMetricColumn, column: AppColumn, idType: string): string | undefined {
  const { type, category, computed } = column;
  if (name === 'id')
    return column.hasDefault || computed ? undefined : 'has no default, such as that of serial';
  if (computed) return 'is computed by the database and cannot be written';
  switch (name) {
    case 'channel_id':
      return type === idType || isIdType(type)
        ? undefined
        : `is of type ${type}, and must be of the type of channels.id, ${idType}`;
    case 'timestamp':
    case 'created_at':
      return category === 'timestamp' || category === 'timestamptz'
        ? undefined
        : `is of type ${type}, and must be timestamp`;
    case 'relay_health':
      return healthProblem(column);
    default:
      return isWholeNumber(type) && type !== 'smallint'
        ? undefined
        : `is of type ${type}, and must be integer`;
  }
}

function healthProblem({ type, category, labels, most }: AppColumn): string | undefined {
  if (category === 'enum') {
    const missing = healths.filter((health) => !labels.includes(health));
    return missing.length === 0
      ? undefined
      : `is of the enum type ${type}, which lacks ${missing.join(', ')}`;
  }
  if (category !== 'text') return `is of type ${type}, and must be varchar(20)`;
  const longest = Math.max(...healths.map(({ length }) => length));
  return most === undefined || most >= longest
    ? undefined
    : `holds ${most} characters, and must hold ${longest}`;
}
