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

export interface ApiKeysOptions {
  /** undefined: the service runs without a database. */
  readonly store: Keys | undefined;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Verifies API keys, which `livechannel api-key create` creates and whose hashes are in the database. */
export function apiKeys(options: ApiKeysOptions): Verify {
  const records = new KeyRecords(options);
  return async (token): Promise<Accepted> => {
    const key = parseApiKey(token);
    if (key === undefined) throw refusal('The API key is malformed');
    const record = await records.find(key.id);
    // Always compared, so that an unknown id takes as long as a wrong secret.
    const right = isSecretOf(key.secret, record?.hash ?? noHash);
    return records.accept(right ? record : undefined);
  };
}

/** Finds the holder of an API key by the id of the key, for a session that began with it. */
export function holdersOfApiKeys(options: ApiKeysOptions): (id: string) => Promise<Accepted> {
  const records = new KeyRecords(options);
  return async (id) => records.accept(await records.find(id));
}

class KeyRecords {
  readonly #options: ApiKeysOptions;
  readonly #lastUsed = new BoundedMap<string, number>(10_000);

  constructor(options: ApiKeysOptions) {
    this.#options = options;
  }

  /** @throws ApiProblem store-unavailable */
  async find(id: string): Promise<ApiKeyRecord | undefined> {
    const { store } = this.#options;
    if (store === undefined) throw storeUnavailable();
    try {
      return await store.apiKey(id);
    } catch (error) {
      throw asProblem(error, 'look up an API key');
    }
  }

  /** @throws ApiProblem not-authenticated if the key does not exist, has been revoked, or has expired. */
  accept(record: ApiKeyRecord | undefined): Accepted {
    if (record === undefined) throw refusal('The API key does not exist');
    const { id, scopes, revokedAt, expiresAt } = record;
    if (revokedAt !== undefined) throw refusal('The API key has been revoked');
    if (expiresAt !== undefined && expiresAt <= this.#options.clock.now())
      throw refusal('The API key has expired');
    this.#noteUse(id);
    return { caller: { subject: `api-key:${id}`, scope: highestOf(scopes) }, expiresAt };
  }

  /** Records the last use, for `api-key list`. The request does not wait for it, and does not fail because of it. */
  #noteUse(id: string): void {
    const { store, clock, logger } = this.#options;
    const now = clock.monotonic();
    if (now - (this.#lastUsed.get(id) ?? -Infinity) < USE_UPDATE_INTERVAL_MS) return;
    this.#lastUsed.set(id, now);
    store?.apiKeyUsed(id, clock.now()).catch((err: unknown) => {
      logger.warn({ err, key: id }, 'failed to record the last use of the API key');
    });
  }
}
