import { BoundedMap } from '../../base/bounded-map.ts';
import type { Clock } from '../../base/clock.ts';
import { keyOf, type KubeObject } from '../../kube/resource.ts';

/** By then a cache that is connected has seen what was written; one that is not may be ahead of what we remember. */
const MAX_AGE_MS = 60_000;
/** Only the latest matter: an answer that comes after the end of its object comes within seconds of it. */
const MAX_DELETED = 10_000;

/**
 * A cache may be behind this process's own writes. This remembers the responses of the writes, and returns whichever
 * is newer, so that no decision is taken twice. Resource versions of one kind are comparable numbers (KEP-5504).
 *
 * It is a hint and never the only witness: what it remembers is forgotten after a minute, since a cache that was cut
 * off when the object came and went never tells of either.
 */
export class MutationCache<T extends KubeObject> {
  readonly #clock: Pick<Clock, 'monotonic'>;
  readonly #written = new Map<string, { readonly object: T; readonly at: number }>();
  /** The uids of objects that are gone: the cache may not know yet, and late answers may still tell of them. */
  readonly #gone = new BoundedMap<string, true>(MAX_DELETED);

  constructor(clock: Pick<Clock, 'monotonic'>) {
    this.#clock = clock;
  }

  remember(object: T): void {
    if (this.#gone.has(object.metadata.uid)) return;
    this.#written.set(keyOf(object.metadata), { object, at: this.#clock.monotonic() });
  }

  /** The newer of what was written last and what the cache holds. */
  of(key: string, cached: T | undefined): T | undefined {
    const known = cached !== undefined && this.#gone.has(cached.metadata.uid) ? undefined : cached;
    const written = this.#written.get(key);
    if (written === undefined) return known;
    const fresh = this.#clock.monotonic() - written.at < MAX_AGE_MS;
    if (fresh && (known === undefined || version(known) < version(written.object))) return written.object;
    this.#written.delete(key);
    return known;
  }

  /** The object is gone, as the API server responded or the cache saw. */
  gone(key: string, uid: string): void {
    this.#gone.set(uid, true);
    if (this.#written.get(key)?.object.metadata.uid === uid) this.#written.delete(key);
  }
}

function version(object: KubeObject): bigint {
  const text = object.metadata.resourceVersion ?? '0';
  return /^\d+$/.test(text) ? BigInt(text) : 0n;
}
