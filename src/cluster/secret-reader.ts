import { BoundedMap } from '../base/bounded-map.ts';
import type { KubeClient } from '../kube/client.ts';
import type { Clock } from '../base/clock.ts';
import { KubeError } from '../kube/errors.ts';
import { secretType } from '../kube/core-types.ts';
import { keyOf, type ObjectRef } from '../kube/resource.ts';

/** An absent Secret is looked up again after this time, because it may be about to be created. */
const MAX_ABSENT_MS = 1_000;
/** Bounds memory. A Secret whose cached answer was evicted is read again. */
const MAX_ANSWERS = 10_000;

/** A user's Secret, decoded from base64. `version` changes whenever the Secret changes. */
export interface UserSecret {
  readonly version: string;
  readonly values: ReadonlyMap<string, string>;
}

/**
 * Reads the Secrets that users refer to. They are read one by one and not watched, so that the operator does not
 * hold every Secret of the cluster in memory. An answer is reused for `maxAgeMs` (default 5 s), because many channels
 * share a Secret, and forgotten where a watch reports a change. While the API server does not answer, the last answer is reused, so that work on the platforms
 * continues.
 */
export class SecretReader {
  readonly #client: KubeClient;
  readonly #clock: Clock;
  readonly #maxAgeMs: number;
  readonly #answers = new BoundedMap<
    string,
    { readonly until: number; readonly secret: Promise<UserSecret | undefined> }
  >(MAX_ANSWERS);

  constructor(client: KubeClient, clock: Clock, maxAgeMs = 5_000) {
    this.#client = client;
    this.#clock = clock;
    this.#maxAgeMs = maxAgeMs;
  }

  /**
   * Resolves to undefined if the Secret does not exist.
   * @throws KubeError if it cannot be read and no earlier answer can be used
   */
  read(ref: Required<ObjectRef>, signal: AbortSignal): Promise<UserSecret | undefined> {
    const key = keyOf(ref);
    const now = this.#clock.now().getTime();
    const known = this.#answers.get(key);
    if (known !== undefined && known.until > now) return known.secret;
    const secret = this.#fetch(ref, signal).catch((error: unknown) => {
      if (known !== undefined && error instanceof KubeError && error.retryable) return known.secret;
      throw error;
    });
    this.#answers.set(key, { until: now + this.#maxAgeMs, secret });
    void this.#bound(key, secret, now);
    return secret;
  }

  /** The Secret has changed: it is read again when it is needed next. */
  forget(ref: ObjectRef): void {
    this.#answers.delete(keyOf(ref));
  }

  /** The caller handles a failure; it is not cached. That a Secret is absent is cached for a shorter time. */
  async #bound(key: string, secret: Promise<UserSecret | undefined>, now: number): Promise<void> {
    const isCurrent = (): boolean => this.#answers.get(key)?.secret === secret;
    try {
      const absent = (await secret) === undefined;
      if (absent && isCurrent())
        this.#answers.set(key, { until: now + Math.min(MAX_ABSENT_MS, this.#maxAgeMs), secret });
    } catch {
      if (isCurrent()) this.#answers.delete(key);
    }
  }

  async #fetch(ref: Required<ObjectRef>, signal: AbortSignal): Promise<UserSecret | undefined> {
    const secret = await this.#client.get(secretType, ref, { signal });
    if (secret === undefined) return undefined;
    const values = new Map(
      Object.entries(secret.data ?? {}).map(([key, value]) => [
        key,
        Buffer.from(value, 'base64').toString('utf8'),
      ]),
    );
    return { version: `${secret.metadata.uid}/${secret.metadata.resourceVersion ?? ''}`, values };
  }
}
