import { type Kysely, sql } from 'kysely';
import type { Tables } from '../tables.ts';

/** Every table of the project. */
const relocated: Readonly<Record<keyof Tables, true>> = {
  channels: true,
  livechannel_claims: true,
  stream_metrics: true,
  stream_metrics_1m: true,
  stream_metrics_1h: true,
  livechannel_costs: true,
  livechannel_service_hours: true,
  livechannel_live_numbers: true,
  livechannel_alerts: true,
  livechannel_outbox: true,
  livechannel_announced: true,
  livechannel_history: true,
  livechannel_api_keys: true,
  livechannel_audit: true,
  livechannel_audience: true,
  livechannel_agora_members: true,
  livechannel_agora_channels: true,
  livechannel_qoe_minutes: true,
  livechannel_qoe_replicas: true,
  livechannel_qoe_players: true,
  livechannel_layout: true,
  livechannel_rolled_up: true,
  livechannel_app_metrics: true,
  livechannel_app_metrics_minutes: true,
};
const migrationTables = ['livechannel_migrations', 'livechannel_migrations_lock'];

/** Whether the role may create tables in the schema, which is created if it does not exist. */
export async function canUseSchema(db: Kysely<Tables>, schema: string): Promise<boolean> {
  const { rows } = await sql<{ can: boolean }>`
    select coalesce(
      (select has_schema_privilege(oid, 'create') and has_schema_privilege(oid, 'usage')
        from pg_catalog.pg_namespace where nspname = ${schema}),
      has_database_privilege(current_database(), 'create')) as can`.execute(db);
  return rows[0]?.can === true;
}

/** Creates the schema if it does not exist. "if not exists" alone requires the permission even where it exists. */
export async function ensureSchema(db: Kysely<Tables>, schema: string): Promise<void> {
  const { rows } = await sql`select from pg_catalog.pg_namespace where nspname = ${schema}`.execute(db);
  if (rows.length === 0) await sql`create schema if not exists ${sql.id(schema)}`.execute(db);
}

/**
 * Changes the schema of the project's tables and their partitions: a change of the catalog that reads and writes no row. A
 * process of the previous version finds them there after its next error. Roles that could use a table may use the schema.
 */
export async function relocate(db: Kysely<Tables>, from: string, to: string): Promise<void> {
  await ensureSchema(db, to);
  const layout = await sql<{ app: string | null }>`
    select channels_schema as app from ${sql.id(from, 'livechannel_layout')}`.execute(db);
  const isAppChannels = (name: string): boolean => name === 'channels' && layout.rows[0]?.app !== null;
  const names = [...Object.keys(relocated).filter((name) => !isAppChannels(name)), ...migrationTables];
  const { rows } = await sql<{ name: string; grantees: readonly string[] }>`
    select c.relname as name, array(
      select distinct a.grantee::regrole::text from aclexplode(c.relacl) a
      where a.grantee <> 0 and a.grantee <> c.relowner) as grantees
    from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
    where n.nspname = ${from} and c.relkind in ('r', 'p') and (c.relname = any(${names}) or exists (
      select from pg_catalog.pg_inherits i join pg_catalog.pg_class p on p.oid = i.inhparent
      where i.inhrelid = c.oid and p.relnamespace = c.relnamespace and p.relname = any(${names})))
    order by c.relkind = 'p' desc, c.relname`.execute(db);
  for (const { name } of rows)
    await sql`alter table ${sql.id(from, name)} set schema ${sql.id(to)}`.execute(db);
  for (const grantee of new Set(rows.flatMap(({ grantees }) => grantees)))
    await sql`grant usage on schema ${sql.id(to)} to ${sql.raw(grantee)}`.execute(db);
}
