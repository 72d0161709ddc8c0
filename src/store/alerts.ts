import { sql, type RawBuilder, type Selectable } from 'kysely';
import { keyText } from './channel-key-text.ts';
import { table, type DatabaseLayout } from './layout.ts';
import { numbered } from './numbered.ts';
import type { Alert, AlertChange, AlertSubject, Store } from './store.ts';
import type { AlertsTable } from './tables.ts';
import { writeRows } from './write-rows.ts';

const ALERTS = 'livechannel_alerts';

const nameOf = ({ namespace, channelId, platform = '' }: AlertSubject): string =>
  namespace === undefined || channelId === undefined ? platform : keyText({ namespace, channelId });

/**
 * Stores an alert; undefined if an index says that it, or an open alert of its kind, exists already, or if it was left out.
 */
export async function raiseAlert(
  place: DatabaseLayout,
  alert: Omit<Alert, 'id' | 'resolvedAt'>,
): Promise<Alert | undefined> {
  let raised: Alert | undefined;
  const write = async (): Promise<void> => {
    raised = await insert(place, alert);
  };
  await writeRows(place, [alert], { table: ALERTS, name: nameOf, write });
  return raised;
}

async function insert(
  place: DatabaseLayout,
  alert: Omit<Alert, 'id' | 'resolvedAt'>,
): Promise<Alert | undefined> {
  const row = await place.db
    .insertInto('livechannel_alerts')
    .values({
      namespace: alert.namespace ?? null,
      channel_id: alert.channelId ?? null,
      platform: alert.platform ?? null,
      raised_at: alert.raisedAt,
      kind: alert.kind,
      severity: alert.severity,
      message: alert.message,
      occasion: alert.occasion,
    })
    .onConflict((conflict) => conflict.doNothing())
    .returningAll()
    .executeTakeFirst();
  return row === undefined ? undefined : alertOf(row);
}

/** Marks the open alert of an occasion as resolved; without one, does nothing. */
export function resolveAlert(
  place: DatabaseLayout,
  subject: AlertSubject,
  occasion: string,
  at: Date,
): Promise<Alert | undefined> {
  return resolve(place, subject, at, sql<boolean>`occasion = ${occasion}`);
}

/** Marks the open alert of a kind as resolved; without one, does nothing. */
export function resolveAlertOfKind(
  place: DatabaseLayout,
  subject: AlertSubject,
  kind: string,
  at: Date,
): Promise<Alert | undefined> {
  return resolve(place, subject, at, sql<boolean>`kind = ${kind}`);
}

async function resolve(
  place: DatabaseLayout,
  subject: AlertSubject,
  at: Date,
  which: RawBuilder<boolean>,
): Promise<Alert | undefined> {
  let resolved: Alert | undefined;
  const write = async (): Promise<void> => {
    resolved = await update(place, subject, at, which);
  };
  await writeRows(place, [subject], { table: ALERTS, name: nameOf, write });
  return resolved;
}

async function update(
  place: DatabaseLayout,
  { namespace, channelId, platform }: AlertSubject,
  at: Date,
  which: RawBuilder<boolean>,
): Promise<Alert | undefined> {
  const changed = place.db
    .updateTable('livechannel_alerts')
    .set({ resolved_at: at, change: sql<number>`default` })
    .where('resolved_at', 'is', null)
    .where(which);
  const row = await (
    namespace === undefined || channelId === undefined
      ? changed.where('channel_id', 'is', null).where('platform', '=', platform ?? '')
      : changed.where('namespace', '=', namespace).where('channel_id', '=', channelId)
  )
    .returningAll()
    .executeTakeFirst();
  return row === undefined ? undefined : alertOf(row);
}

/** Oldest first. */
export async function openAlerts(
  place: DatabaseLayout,
  namespaces: readonly string[] | undefined,
  most: number,
): Promise<Alert[]> {
  let rows = place.db
    .selectFrom('livechannel_alerts')
    .selectAll()
    .where('resolved_at', 'is', null)
    .orderBy('id')
    .limit(most);
  if (namespaces !== undefined)
    rows = rows.where((is) =>
      is.or([is('namespace', 'is', null), sql<boolean>`namespace = any(${[...namespaces]}::text[])`]),
    );
  return (await rows.execute()).map(alertOf);
}

/**
 * Changes in their order. There is one writer, so that a change is visible before the next one; only while two leaders
 * overlap can a change be missed.
 */
export async function alertChanges(
  place: DatabaseLayout,
  namespace: string,
  after: number | undefined,
  most: number,
): Promise<{ readonly changes: readonly AlertChange[]; readonly newest: number }> {
  if (after === undefined) {
    const { rows } = await sql<{ newest: string | number }>`
      select coalesce(max(change), 0) as newest from ${table(place, 'livechannel_alerts')}`.execute(place.db);
    return { changes: [], newest: Number(rows[0]?.newest ?? 0) };
  }
  const rows = await place.db
    .selectFrom('livechannel_alerts')
    .selectAll()
    .where('change', '>', after)
    .where((is) => is.or([is('namespace', '=', namespace), is('namespace', 'is', null)]))
    .orderBy('change')
    .limit(most)
    .execute();
  const changes = rows.map((row) => ({ alert: alertOf(row), change: row.change }));
  return { changes, newest: changes.at(-1)?.change ?? after };
}

/** Oldest first. The condition must match that of the index livechannel_alerts_undelivered. */
export async function undeliveredAlerts(place: DatabaseLayout, most: number): Promise<Alert[]> {
  const rows = await place.db
    .selectFrom('livechannel_alerts')
    .selectAll()
    .where('given_up_at', 'is', null)
    .where((is) =>
      is.or([
        is('delivered_at', 'is', null),
        is.and([is('resolved_at', 'is not', null), is('resolved_delivered_at', 'is', null)]),
      ]),
    )
    .orderBy('id')
    .limit(most)
    .execute();
  return rows.map(alertOf);
}

/** The first recorded time of each of the two deliveries is kept. */
export async function alertDelivered(
  place: DatabaseLayout,
  { id, resolvedAt }: Pick<Alert, 'id' | 'resolvedAt'>,
  at: Date,
): Promise<void> {
  await place.db
    .updateTable('livechannel_alerts')
    .set((is) => ({
      delivered_at: is.fn.coalesce('delivered_at', is.val(at)),
      resolved_delivered_at:
        resolvedAt === undefined
          ? is.ref('resolved_delivered_at')
          : is.fn.coalesce('resolved_delivered_at', is.val(at)),
    }))
    .where('id', '=', numbered(id, 'an alert'))
    .execute();
}

/** Marks the delivery of an alert as abandoned; the first recorded time is kept. */
export async function alertGivenUp(place: DatabaseLayout, id: string, at: Date): Promise<void> {
  await place.db
    .updateTable('livechannel_alerts')
    .set({ given_up_at: at })
    .where('id', '=', numbered(id, 'an alert'))
    .where('given_up_at', 'is', null)
    .execute();
}

/** Newest first. */
export async function alerts(place: DatabaseLayout, query: Parameters<Store['alerts']>[0]): Promise<Alert[]> {
  let rows = place.db
    .selectFrom('livechannel_alerts')
    .selectAll()
    .where((is) => is.or([is('namespace', '=', query.namespace), is('namespace', 'is', null)]))
    .orderBy('id', 'desc')
    .limit(query.most);
  if (query.channelId !== undefined) rows = rows.where('channel_id', '=', query.channelId);
  if (query.platform !== undefined) rows = rows.where('platform', '=', query.platform);
  if (query.kind !== undefined) rows = rows.where('kind', '=', query.kind);
  if (query.open !== undefined) rows = rows.where('resolved_at', query.open ? 'is' : 'is not', null);
  if (query.before !== undefined) rows = rows.where('id', '<', numbered(query.before, 'an alert'));
  return (await rows.execute()).map(alertOf);
}

function alertOf(row: Selectable<AlertsTable>): Alert {
  return {
    id: String(row.id),
    namespace: row.namespace ?? undefined,
    channelId: row.channel_id ?? undefined,
    platform: row.platform ?? undefined,
    raisedAt: row.raised_at,
    resolvedAt: row.resolved_at ?? undefined,
    kind: row.kind,
    severity: row.severity,
    message: row.message,
    occasion: row.occasion,
  };
}
