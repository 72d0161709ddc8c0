import { BoundedMap } from '../base/bounded-map.ts';
import type { KubeClient } from '../kube/client.ts';
import type { Clock } from '../base/clock.ts';
import { KubeError } from '../kube/errors.ts';
import { secretType } from '../kube/core-types.ts';
import { keyOf, type ObjectRef } from '../kube/resource.ts';

/** Bounds memory. An answer that was evicted is read again. */
const MAX_ANSWERS = 10_000;

/** A user's Secret, decoded. `version` changes whenever the Secret does. */
export interface UserSecret {
  readonly version: string;
  readonly values: ReadonlyMap<string, string>;
}

/**
 * Reads the Secrets that users refer to. They are read one by one and not watched, so that the operator does not
 * hold every Secret of the cluster in memory; an answer is good for a few seconds, because many channels share one.
 * While the API server does not answer, the last answer stays good: platforms are looked after all the same.
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

  /** Undefined when there is no such Secret. */
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
    secret.catch(() => this.#answers.delete(key)); // a failure is the caller's to handle and nobody's to remember
    return secret;
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
