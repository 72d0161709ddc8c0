import { BoundedMap } from '../../base/bounded-map.ts';
import type { Clock } from '../../base/clock.ts';
import { keyOf, type KubeObject } from '../../kube/resource.ts';

/** A connected cache has seen a write after this time. A cache that reconnects may be newer than what is remembered. */
const MAX_AGE_MS = 60_000;
/** Bounds memory. Only recent deletions matter, because a late response arrives within seconds of the deletion. */
const MAX_DELETED = 10_000;

/**
 * A cache may be behind this process's own writes. This class remembers the responses of the writes, and returns
 * whichever is newer, so that no step is taken twice. Resource versions of one kind are comparable numbers (KEP-5504).
 *
 * Remembered writes are dropped after a minute: a cache that was disconnected while an object was created and deleted
 * shows neither, so that the write must not be the only evidence of the object.
 */
export class MutationCache<T extends KubeObject> {
  readonly #clock: Pick<Clock, 'monotonic'>;
  readonly #written = new Map<string, { readonly object: T; readonly at: number }>();
  /** The uids of deleted objects, which the cache and late responses may still contain. */
  readonly #gone = new BoundedMap<string, true>(MAX_DELETED);

  constructor(clock: Pick<Clock, 'monotonic'>) {
    this.#clock = clock;
  }

  /** Remembers the response of a write. */
  remember(object: T): void {
    if (this.#gone.has(object.metadata.uid)) return;
    this.#written.set(keyOf(object.metadata), { object, at: this.#clock.monotonic() });
  }

  /** The newer one of the last write and the cached object. */
  of(key: string, cached: T | undefined): T | undefined {
    const known = cached !== undefined && this.#gone.has(cached.metadata.uid) ? undefined : cached;
    const written = this.#written.get(key);
    if (written === undefined) return known;
    const fresh = this.#clock.monotonic() - written.at < MAX_AGE_MS;
    if (fresh && (known === undefined || version(known) < version(written.object))) return written.object;
    this.#written.delete(key);
    return known;
  }

  /** The object was deleted, according to the API server or the cache. */
  gone(key: string, uid: string): void {
    this.#gone.set(uid, true);
    if (this.#written.get(key)?.object.metadata.uid === uid) this.#written.delete(key);
  }
}

function version(object: KubeObject): bigint {
  const text = object.metadata.resourceVersion ?? '0';
  return /^\d+$/.test(text) ? BigInt(text) : 0n;
}
