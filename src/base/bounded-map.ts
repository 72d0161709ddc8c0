/** A least-recently-used map: once it is full, each new entry evicts the one that was read or written longest ago. */
export class BoundedMap<K, V> {
  readonly #maxEntries: number;
  readonly #entries = new Map<K, V>();
  /** The key of the last entry. It is usually the next key to be read as well, and then nothing needs reordering. */
  #newest: K | undefined;

  constructor(maxEntries: number) {
    this.#maxEntries = maxEntries;
  }

  get size(): number {
    return this.#entries.size;
  }

  /** Whether there is an entry, even if its value is undefined. Does not count as a use. */
  has(key: K): boolean {
    return this.#entries.has(key);
  }

  get(key: K): V | undefined {
    const value = this.#entries.get(key);
    if (value === undefined || key === this.#newest) return value;
    // A Map keeps the order of insertion, so the entry is inserted again at the end.
    this.#put(key, value);
    return value;
  }

  set(key: K, value: V): void {
    this.#put(key, value);
    for (const oldest of this.#entries.keys()) {
      if (this.#entries.size <= this.#maxEntries) return;
      this.#entries.delete(oldest);
    }
  }

  delete(key: K): void {
    this.#entries.delete(key);
    if (key === this.#newest) this.#newest = undefined;
  }

  #put(key: K, value: V): void {
    this.#entries.delete(key);
    this.#entries.set(key, value);
    this.#newest = key;
  }
}
