import type { DatabaseLayout } from './layout.ts';
import type { AuditEntry } from './store.ts';

/** Written once, in the order given, and never changed. */
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
        // As text: node-postgres would make an array of PostgreSQL's out of one of JSON's.
        detail: entry.detail === undefined ? null : JSON.stringify(entry.detail),
      })),
    )
    .execute();
}
