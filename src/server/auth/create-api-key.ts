import type { Store } from '../../store/store.ts';
import { apiKeyText, hashOf, newApiKey } from './api-key.ts';

/** A key that was just created. `key` cannot be retrieved later. */
export interface MadeKey {
  readonly id: string;
  readonly name: string;
  readonly scopes: readonly string[];
  readonly expiresAt: Date | undefined;
  readonly key: string;
}

/** Creates a key and stores its hash. */
export async function createApiKey(
  store: Pick<Store, 'putApiKey'>,
  asked: { readonly name: string; readonly scopes: readonly string[]; readonly lifeMs: number | undefined },
  { now, random }: { readonly now: Date; readonly random: (bytes: number) => Buffer },
): Promise<MadeKey> {
  const { name, scopes, lifeMs } = asked;
  const key = newApiKey(random);
  const expiresAt = lifeMs === undefined ? undefined : new Date(now.getTime() + lifeMs);
  await store.putApiKey({ id: key.id, name, hash: hashOf(key.secret), scopes, expiresAt });
  return { id: key.id, name, scopes, expiresAt, key: apiKeyText(key) };
}
