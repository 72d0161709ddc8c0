import type { Clock } from '../../base/clock.ts';
import type { Logger } from '../../base/logger.ts';
import type { ApiKeyRecord, Store } from '../../store/store.ts';
import { asProblem, storeUnavailable } from '../services/kube-problems.ts';
import { isSecretOf, parseApiKey } from './api-key.ts';
import { BoundedMap } from '../../base/bounded-map.ts';
import { refusal } from './refusal.ts';
import { highestOf, type Accepted, type Verify } from './verifier.ts';

type Keys = Pick<Store, 'apiKey' | 'apiKeyUsed'>;

/** Minimum interval between two updates of a key's last use. */
const USE_UPDATE_INTERVAL_MS = 60_000;
const noHash = new Uint8Array(32);

/** Verifies API keys, which `livechannel api-key create` creates and whose hashes are in the database. */
export function apiKeys(options: {
  /** undefined: the service runs without a database. */
  readonly store: Keys | undefined;
  readonly clock: Clock;
  readonly logger: Logger;
}): Verify {
  const { store, clock, logger } = options;
  const lastUsed = new BoundedMap<string, number>(10_000);

  /** Records the last use, for `api-key list`. The request does not wait for it, and does not fail because of it. */
  function noteUse(keys: Keys, id: string): void {
    const now = clock.monotonic();
    if (now - (lastUsed.get(id) ?? -Infinity) < USE_UPDATE_INTERVAL_MS) return;
    lastUsed.set(id, now);
    keys.apiKeyUsed(id, clock.now()).catch((err: unknown) => {
      logger.warn({ err, key: id }, 'failed to record the last use of the API key');
    });
  }

  return async (token): Promise<Accepted> => {
    const key = parseApiKey(token);
    if (key === undefined) throw refusal('The API key is malformed');
    if (store === undefined) throw storeUnavailable();
    let record: ApiKeyRecord | undefined;
    try {
      record = await store.apiKey(key.id);
    } catch (error) {
      throw asProblem(error, 'look up an API key');
    }
    // Always compared, so that an unknown id takes as long as a wrong secret.
    const right = isSecretOf(key.secret, record?.hash ?? noHash);
    if (record === undefined || !right) throw refusal('The API key does not exist');
    if (record.revokedAt !== undefined) throw refusal('The API key has been revoked');
    if (record.expiresAt !== undefined && record.expiresAt <= clock.now())
      throw refusal('The API key has expired');
    noteUse(store, key.id);
    return {
      caller: { subject: `api-key:${key.id}`, scope: highestOf(record.scopes) },
      expiresAt: record.expiresAt,
    };
  };
}
