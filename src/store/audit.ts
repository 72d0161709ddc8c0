import { sql, type RawBuilder, type Selectable } from 'kysely';
import type { AuditMatch } from '../api/audit-match.ts';
import type { DatabaseLayout } from './layout.ts';
import { numbered } from './numbered.ts';
import type { AuditEntry, AuditQuery, RecordedAudit } from './store.ts';
import { storableJson, storableText } from './storable-text.ts';
import type { AuditTable } from './tables.ts';
import { writeRows } from './write-rows.ts';

/**
 * Appends the entries in the given order. Entries are never changed afterwards. What callers sent is in them, so text that
 * PostgreSQL cannot hold is escaped: no entry is lost because of its content.
 */
export async function appendAudit(place: DatabaseLayout, entries: readonly AuditEntry[]): Promise<void> {
  await writeRows(place, entries, {
    table: 'livechannel_audit',
    name: ({ namespace, requestId }) => `${namespace}/${requestId}`,
    numbers: () => undefined,
    atomic: true,
    write: insert,
  });
}

async function insert({ db }: DatabaseLayout, entries: readonly AuditEntry[]): Promise<void> {
  await db
    .insertInto('livechannel_audit')
    .values(
      entries.map((entry) => ({
        at: entry.at,
        subject: storableText(entry.subject),
        action: storableText(entry.action),
        namespace: storableText(entry.namespace),
        channel_id: entry.channelId === undefined ? null : storableText(entry.channelId),
        outcome: storableText(entry.outcome),
        request_id: storableText(entry.requestId),
        // As text, because node-postgres converts a JavaScript array to a PostgreSQL array and not to JSON.
        detail: storableJson(entry.detail) ?? null,
        address: entry.address === undefined ? null : storableText(entry.address),
      })),
    )
    .execute();
}

/** Newest first. */
export async function auditEntries(place: DatabaseLayout, query: AuditQuery): Promise<RecordedAudit[]> {
  const { namespaces, channelId, subject, action, from, to, before, most, match = 'whole' } = query;
  let rows = place.db
    .selectFrom('livechannel_audit')
    .selectAll()
    .where(sql<boolean>`namespace = any(${[...namespaces]}::text[])`)
    .orderBy('id', 'desc')
    .limit(most);
  if (channelId !== undefined) rows = rows.where(isChannel[match](channelId));
  if (subject !== undefined) rows = rows.where(isCaller[match](subject));
  if (action !== undefined) rows = rows.where('action', '=', action);
  if (from !== undefined) rows = rows.where('at', '>=', from);
  if (to !== undefined) rows = rows.where('at', '<', to);
  if (before !== undefined) rows = rows.where('id', '<', numbered(before, 'an audit entry'));
  return (await rows.execute()).map(entryOf);
}

type Compare = Readonly<Record<AuditMatch, (text: string) => RawBuilder<boolean>>>;

const isChannel: Compare = {
  whole: (text) => sql`channel_id = ${text}`,
  prefix: (text) => beginsWith(sql`channel_id`, text),
};

/** The last part of its name is what people know of a caller, such as `alice` of `oidc:https://issuer.example#alice`. */
const isCaller: Compare = {
  whole: (text) => sql`subject = ${text}`,
  prefix: (text) =>
    sql`(${beginsWith(sql`subject`, text)} or ${beginsWith(sql`substring(subject from '[^#:]*$')`, text)})`,
};

/** By the expressions that 0012-audit-search has indices for. */
function beginsWith(column: RawBuilder<unknown>, text: string): RawBuilder<boolean> {
  const literal = Array.from(text)
    .slice(0, 128)
    .join('')
    .replaceAll(/[\\%_]/g, String.raw`\$&`);
  return sql`left(lower(${column}), 128) like lower(${literal}::text) || '%'`;
}

function entryOf(row: Selectable<AuditTable>): RecordedAudit {
  return {
    id: String(row.id),
    at: row.at,
    subject: row.subject,
    action: row.action,
    namespace: row.namespace,
    channelId: row.channel_id ?? undefined,
    outcome: row.outcome,
    requestId: row.request_id,
    detail: row.detail,
    address: row.address ?? undefined,
  };
}
