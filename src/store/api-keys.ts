import type { Selectable } from 'kysely';
import type { DatabaseLayout } from './layout.ts';
import type { ApiKeyRecord } from './store.ts';
import type { ApiKeysTable } from './tables.ts';

/** Updates the name, secret, scopes and expiry of an existing key of that id; a revoked key stays revoked. */
export async function putApiKey(
  place: DatabaseLayout,
  key: Omit<ApiKeyRecord, 'createdAt' | 'revokedAt' | 'lastUsedAt'>,
): Promise<void> {
  const values = {
    name: key.name,
    hash: Buffer.from(key.hash),
    scopes: [...key.scopes],
    expires_at: key.expiresAt ?? null,
  };
  await place.db
    .insertInto('livechannel_api_keys')
    .values({ id: key.id, ...values })
    .onConflict((conflict) => conflict.column('id').doUpdateSet(values))
    .execute();
}

export async function apiKey(place: DatabaseLayout, id: string): Promise<ApiKeyRecord | undefined> {
  const row = await place.db
    .selectFrom('livechannel_api_keys')
    .selectAll()
    .where('id', '=', id)
    .executeTakeFirst();
  return row === undefined ? undefined : keyOf(row);
}

export async function apiKeys(place: DatabaseLayout): Promise<ApiKeyRecord[]> {
  const rows = await place.db
    .selectFrom('livechannel_api_keys')
    .selectAll()
    .orderBy('created_at')
    .orderBy('id')
    .execute();
  return rows.map(keyOf);
}

/** Returns whether the key existed and had not been revoked before. */
export async function revokeApiKey(place: DatabaseLayout, id: string, at: Date): Promise<boolean> {
  const { numUpdatedRows } = await place.db
    .updateTable('livechannel_api_keys')
    .set({ revoked_at: at })
    .where('id', '=', id)
    .where('revoked_at', 'is', null)
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

/** Records the last use of a key; never moves it back in time. */
export async function apiKeyUsed(place: DatabaseLayout, id: string, at: Date): Promise<void> {
  await place.db
    .updateTable('livechannel_api_keys')
    .set({ last_used_at: at })
    .where('id', '=', id)
    .where((is) => is.or([is('last_used_at', 'is', null), is('last_used_at', '<', at)]))
    .execute();
}

function keyOf(row: Selectable<ApiKeysTable>): ApiKeyRecord {
  return {
    id: row.id,
    name: row.name,
    hash: row.hash,
    scopes: row.scopes,
    createdAt: row.created_at,
    expiresAt: row.expires_at ?? undefined,
    revokedAt: row.revoked_at ?? undefined,
    lastUsedAt: row.last_used_at ?? undefined,
  };
}
