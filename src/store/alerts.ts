import type { Selectable } from 'kysely';
import { StoreError } from './errors.ts';
import type { DatabaseLayout } from './layout.ts';
import type { Alert, ChannelKey, Store } from './store.ts';
import type { AlertsTable } from './tables.ts';

/** Stores an alert; undefined if an alert of that occasion exists already. */
export async function raiseAlert(
  place: DatabaseLayout,
  alert: Omit<Alert, 'id' | 'resolvedAt'>,
): Promise<Alert | undefined> {
  const row = await place.db
    .insertInto('livechannel_alerts')
    .values({
      namespace: alert.namespace,
      channel_id: alert.channelId,
      raised_at: alert.raisedAt,
      kind: alert.kind,
      severity: alert.severity,
      message: alert.message,
      occasion: alert.occasion,
    })
    .onConflict((conflict) => conflict.columns(['namespace', 'channel_id', 'occasion']).doNothing())
    .returningAll()
    .executeTakeFirst();
  return row === undefined ? undefined : alertOf(row);
}

/** Marks the open alert of an occasion as resolved; without one, does nothing. */
export async function resolveAlert(
  place: DatabaseLayout,
  key: ChannelKey,
  occasion: string,
  at: Date,
): Promise<void> {
  await place.db
    .updateTable('livechannel_alerts')
    .set({ resolved_at: at })
    .where('namespace', '=', key.namespace)
    .where('channel_id', '=', key.channelId)
    .where('occasion', '=', occasion)
    .where('resolved_at', 'is', null)
    .execute();
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
    .where('id', '=', numbered(id))
    .execute();
}

/** Marks the delivery of an alert as abandoned; the first recorded time is kept. */
export async function alertGivenUp(place: DatabaseLayout, id: string, at: Date): Promise<void> {
  await place.db
    .updateTable('livechannel_alerts')
    .set({ given_up_at: at })
    .where('id', '=', numbered(id))
    .where('given_up_at', 'is', null)
    .execute();
}

/** Newest first. */
export async function alerts(place: DatabaseLayout, query: Parameters<Store['alerts']>[0]): Promise<Alert[]> {
  let rows = place.db
    .selectFrom('livechannel_alerts')
    .selectAll()
    .where('namespace', '=', query.namespace)
    .orderBy('id', 'desc')
    .limit(query.most);
  if (query.channelId !== undefined) rows = rows.where('channel_id', '=', query.channelId);
  if (query.open !== undefined) rows = rows.where('resolved_at', query.open ? 'is' : 'is not', null);
  if (query.before !== undefined) rows = rows.where('id', '<', numbered(query.before));
  return (await rows.execute()).map(alertOf);
}

/** Ids are numbers in the database. Anything else is a caller's invalid input: throws a StoreError of reason Invalid. */
function numbered(id: string): number {
  if (!/^\d{1,15}$/.test(id))
    throw new StoreError('Invalid', `"${id.slice(0, 40)}" is not the id of an alert`);
  return Number(id);
}

function alertOf(row: Selectable<AlertsTable>): Alert {
  return {
    id: String(row.id),
    namespace: row.namespace,
    channelId: row.channel_id,
    raisedAt: row.raised_at,
    resolvedAt: row.resolved_at ?? undefined,
    kind: row.kind,
    severity: row.severity,
    message: row.message,
    occasion: row.occasion,
  };
}
