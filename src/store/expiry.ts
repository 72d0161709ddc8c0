import { type RawBuilder, sql } from 'kysely';
import { LEFT_MEMBER_KEPT_MS, MEMBER_VALID_MS } from './agora-members.ts';
import { type DatabaseLayout, table } from './layout.ts';
import { keptSince } from './partitions.ts';
import type { Retention } from './retention.ts';
import type { Tables } from './tables.ts';

/** Rows per statement. A statement takes about 10 ms, which limits how long others wait for a lock on one of its rows. */
const STATEMENT_ROWS = 5_000;
/** Statements per table in one round of upkeep. The next rounds delete the remainder, e.g. after a shorter retention. */
const MAX_STATEMENTS = 20;

/** Deletes rows older than the retention from the tables that are not partitioned. */
export async function deleteExpired(place: DatabaseLayout, now: Date, retention: Retention): Promise<void> {
  for (const { name, condition } of [
    ...expired(now, retention),
    ...expiredMembers(now),
    ...expiredReplicas(now),
  ])
    for (let count = 0; count < MAX_STATEMENTS; count++)
      if ((await deleteSome(place, name, condition)) < STATEMENT_ROWS) break;
}

interface Expired {
  readonly name: keyof Tables;
  readonly condition: RawBuilder<boolean>;
}

/**
 * An expired or revoked API key is kept as long as the audit log: by then every entry that names it has been deleted,
 * because all of them are older than the key's end. An app's report of its viewers is useless after a minute, but is kept
 * as long as the samples that were computed from it.
 */
function expired(
  now: Date,
  { auditDays, alertDays, costDays, sampleDays, minuteDays }: Retention,
): Expired[] {
  const rule = (name: keyof Tables, time: RawBuilder<Date>, days: number | undefined): Expired[] =>
    days === undefined ? [] : [{ name, condition: sql<boolean>`${time} < ${keptSince(now, days)}` }];
  return [
    ...rule('livechannel_audit', sql`at`, auditDays),
    ...rule('livechannel_api_keys', sql`least(expires_at, revoked_at)`, auditDays),
    ...rule('livechannel_alerts', sql`resolved_at`, alertDays),
    ...rule('livechannel_costs', sql`hour`, costDays),
    ...rule('livechannel_service_hours', sql`hour`, costDays),
    ...rule('livechannel_audience', sql`at`, sampleDays),
    ...rule('livechannel_history', sql`at`, minuteDays),
    ...rule('livechannel_qoe_minutes', sql`minute`, minuteDays),
  ];
}

/** Members of Agora channels who left, or whose leave was lost. */
function expiredMembers(now: Date): Expired[] {
  const before = (ms: number): Date => new Date(now.getTime() - ms);
  return [
    {
      name: 'livechannel_agora_members',
      condition: sql`(heard_at < ${before(MEMBER_VALID_MS)}
        or (not present and heard_at < ${before(LEFT_MEMBER_KEPT_MS)}))`,
    },
    { name: 'livechannel_agora_channels', condition: sql`destroyed_at < ${before(MEMBER_VALID_MS)}` },
  ];
}

/** A replica that has written nothing for this time has ended: no batch of it is repeated, and its players are old. */
const REPLICA_KEPT_MS = 86_400_000;

function expiredReplicas(now: Date): Expired[] {
  const condition = sql<boolean>`at < ${new Date(now.getTime() - REPLICA_KEPT_MS)}`;
  return [
    { name: 'livechannel_qoe_replicas', condition },
    { name: 'livechannel_qoe_players', condition },
  ];
}

/** Deletes up to STATEMENT_ROWS rows, leaving locked ones to the next round. Returns the number of deleted rows. */
async function deleteSome(
  place: DatabaseLayout,
  name: keyof Tables,
  condition: RawBuilder<boolean>,
): Promise<number> {
  const { numAffectedRows = 0n } = await sql`
    delete from ${table(place, name)} where ctid = any(array(
      select ctid from ${table(place, name)} where ${condition} limit ${STATEMENT_ROWS} for update skip locked))`.execute(
    place.db,
  );
  return Number(numAffectedRows);
}
