import { keyOf, type KubeObject } from '../kube/resource.ts';

/**
 * A cache may be behind this process's own writes. This remembers what the writes answered, and gives whichever is
 * newer, so that no decision is taken twice. Resource versions of one kind are comparable numbers (KEP-5504).
 */
export class Newest<T extends KubeObject> {
  readonly #written = new Map<string, T>();
  /** Objects that the server said are gone, by key, until the cache knows too. */
  readonly #gone = new Map<string, string>();

  remember(object: T): void {
    this.#written.set(keyOf(object.metadata), object);
  }

  /** The newer of what was written last and what the cache holds. */
  of(key: string, cached: T | undefined): T | undefined {
    const known = cached?.metadata.uid === this.#gone.get(key) ? undefined : cached;
    const written = this.#written.get(key);
    if (written === undefined || known === undefined) return written ?? known;
    if (version(known) < version(written)) return written;
    this.#written.delete(key);
    return known;
  }

  /** The server has no such object any more. */
  gone(key: string, uid: string): void {
    this.#gone.set(key, uid);
    if (this.#written.get(key)?.metadata.uid === uid) this.#written.delete(key);
  }

  /** The cache knows by now. */
  deleted(key: string, uid: string): void {
    if (this.#gone.get(key) === uid) this.#gone.delete(key);
    if (this.#written.get(key)?.metadata.uid === uid) this.#written.delete(key);
  }
}

function version(object: KubeObject): bigint {
  const text = object.metadata.resourceVersion ?? '0';
  return /^\d+$/.test(text) ? BigInt(text) : 0n;
}
