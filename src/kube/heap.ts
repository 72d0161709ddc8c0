/** A binary heap: `pop` returns the item that `before` puts first. */
export class Heap<T> {
  #items: T[] = [];
  readonly #before: (a: T, b: T) => boolean;

  constructor(before: (a: T, b: T) => boolean) {
    this.#before = before;
  }

  get size(): number {
    return this.#items.length;
  }

  peek(): T | undefined {
    return this.#items[0];
  }

  push(item: T): void {
    let hole = this.#items.length;
    this.#items.push(item);
    while (hole > 0) {
      const parent = (hole - 1) >> 1;
      const above = this.#items[parent];
      if (above === undefined || !this.#before(item, above)) break;
      this.#items[hole] = above;
      hole = parent;
    }
    this.#items[hole] = item;
  }

  pop(): T | undefined {
    const first = this.#items[0];
    const last = this.#items.pop();
    if (last !== undefined && this.#items.length > 0) this.#sink(last);
    return first;
  }

  /** If there are more than `limit` items, drops those that `keep` rejects. */
  prune(limit: number, keep: (item: T) => boolean): void {
    if (this.#items.length <= limit) return;
    const kept = this.#items.filter(keep);
    this.#items = [];
    for (const item of kept) this.push(item);
  }

  #sink(item: T): void {
    let hole = 0;
    for (;;) {
      const left = 2 * hole + 1;
      const child = this.#smaller(left, left + 1);
      const below = this.#items[child];
      if (below === undefined || !this.#before(below, item)) break;
      this.#items[hole] = below;
      hole = child;
    }
    this.#items[hole] = item;
  }

  #smaller(left: number, right: number): number {
    const [a, b] = [this.#items[left], this.#items[right]];
    return a !== undefined && b !== undefined && this.#before(b, a) ? right : left;
  }
}
