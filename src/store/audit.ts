import type { DatabaseLayout } from './layout.ts';
import type { AuditEntry } from './store.ts';

/** Appends the entries in the given order. Entries are never changed afterwards. */
export async function appendAudit(place: DatabaseLayout, entries: readonly AuditEntry[]): Promise<void> {
  if (entries.length === 0) return;
  await place.db
    .insertInto('livechannel_audit')
    .values(
      entries.map((entry) => ({
        at: entry.at,
        subject: entry.subject,
        action: entry.action,
        namespace: entry.namespace,
        channel_id: entry.channelId ?? null,
        outcome: entry.outcome,
        request_id: entry.requestId,
        // As text, because node-postgres converts a JavaScript array to a PostgreSQL array and not to JSON.
        detail: entry.detail === undefined ? null : JSON.stringify(entry.detail),
      })),
    )
    .execute();
}
