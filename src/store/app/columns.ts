import { type Kysely, sql } from 'kysely';
import type { Tables } from '../tables.ts';

/** An existing column of a table of the app. */
export interface AppColumn {
  readonly name: string;
  /** SQL name of the type, e.g. "character varying(255)" or "shop.stream_mode". */
  readonly type: string;
  readonly category: 'text' | 'timestamptz' | 'timestamp' | 'enum' | 'other';
  /** Maximum length in characters; undefined: unlimited. */
  readonly most: number | undefined;
  readonly labels: readonly string[];
  readonly notNull: boolean;
  readonly hasDefault: boolean;
  /** A generated column or an identity column that is always generated: it cannot be written. */
  readonly computed: boolean;
}

/** The columns of a table, by name; empty if there is no such table. */
export async function columnsOf(
  db: Kysely<Tables>,
  schema: string,
  table: string,
): Promise<Map<string, AppColumn>> {
  const { rows } = await sql<Omit<AppColumn, 'most'> & { most: number | null }>`
    select a.attname as name, format_type(a.atttypid, a.atttypmod) as type,
      case when t.typtype = 'e' then 'enum'
           when t.typname in ('text', 'varchar') then 'text'
           when t.typname in ('timestamptz', 'timestamp') then t.typname
           else 'other' end as category,
      case when t.typname = 'varchar' and a.atttypmod > 4 then a.atttypmod - 4 end as most,
      array(select e.enumlabel::text from pg_catalog.pg_enum e where e.enumtypid = t.oid) as labels,
      a.attnotnull as "notNull", (a.atthasdef and a.attgenerated = '') or a.attidentity <> '' as "hasDefault",
      a.attgenerated <> '' or a.attidentity = 'a' as computed
    from pg_catalog.pg_attribute a
    join pg_catalog.pg_type t on t.oid = a.atttypid
    where a.attrelid = to_regclass(format('%I.%I', ${schema}::text, ${table}::text))
      and a.attnum > 0 and not a.attisdropped
    order by a.attnum`.execute(db);
  return new Map(rows.map((row) => [row.name, { ...row, most: row.most ?? undefined }]));
}

/** Whether the table's CHECK constraints on this column alone accept a value. Other constraints are not considered. */
export async function checksAccept(
  db: Kysely<Tables>,
  { schema, table, column }: { readonly schema: string; readonly table: string; readonly column: AppColumn },
  value: string,
): Promise<boolean> {
  const { rows } = await sql<{ condition: string }>`
    select pg_get_expr(c.conbin, c.conrelid) as condition
    from pg_catalog.pg_constraint c
    join pg_catalog.pg_attribute a on a.attrelid = c.conrelid and a.attname = ${column.name}
    where c.contype = 'c' and c.conrelid = to_regclass(format('%I.%I', ${schema}::text, ${table}::text))
      and c.conkey = array[a.attnum]`.execute(db);
  for (const { condition } of rows) {
    const found = await sql<{ accepted: boolean | null }>`
      select (${sql.raw(condition)}) as accepted
      from (select ${value}::${sql.raw(column.type)} as ${sql.id(column.name)}) as value`.execute(db);
    if (found.rows[0]?.accepted === false) return false;
  }
  return true;
}

const wholeNumbers: Record<string, bigint> = {
  smallint: 2n ** 15n,
  integer: 2n ** 31n,
  bigint: 2n ** 63n,
};
const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Whether a column of the type can hold ids that are compared and converted without an error. */
export function isIdType(type: string): boolean {
  return type in wholeNumbers || type === 'uuid' || isText(type);
}

/** Whether it is an integer type, whose values a range can describe. */
export function isWholeNumber(type: string): boolean {
  return type in wholeNumbers;
}

function isText(type: string): boolean {
  return type === 'text' || /^character varying(\(\d+\))?$/.test(type);
}

/** Whether the id, as text, is a value of the SQL type. */
export function isOfType(type: string, id: string): boolean {
  const limit = wholeNumbers[type];
  if (limit !== undefined)
    return /^(0|-?[1-9]\d{0,18})$/.test(id) && BigInt(id) < limit && BigInt(id) >= -limit;
  return type === 'uuid' ? uuid.test(id) : true;
}

/**
 * SQL of the same rule: the text `id` as a value of the type, or null if it is none. Nested, because PostgreSQL evaluates
 * the conditions of an AND in any order.
 */
export function idAs(type: string, id: string): string {
  const limit = wholeNumbers[type];
  if (limit !== undefined)
    return `case when ${id} ~ '^(0|-?[1-9][0-9]{0,18})$' then case when ${id}::numeric between ${String(-limit)} and ${String(limit - 1n)} then ${id}::${type} end end`;
  if (type === 'uuid')
    return `case when ${id} ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' then ${id}::uuid end`;
  const most = /^character varying\((\d+)\)$/.exec(type)?.[1];
  return most === undefined ? id : `case when length(${id}) <= ${most} then ${id} end`;
}
