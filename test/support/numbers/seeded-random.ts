import { createHash } from 'node:crypto';

/** Random numbers that are the same for the same seed, on every machine. */
export class SeededRandom {
  readonly seed: string;
  #drawn = 0;

  constructor(seed: string) {
    this.seed = seed;
  }

  /** Others of their own: what is drawn here does not change what is drawn there. */
  fork(name: string): SeededRandom {
    return new SeededRandom(`${this.seed}/${name}`);
  }

  /** From 0 to below 1. */
  next(): number {
    this.#drawn += 1;
    const digest = createHash('sha256')
      .update(`${this.seed} ${String(this.#drawn)}`)
      .digest();
    return digest.readUIntBE(0, 6) / 2 ** 48;
  }

  chance(probability: number): boolean {
    return this.next() < probability;
  }

  between(least: number, most: number): number {
    return least + this.next() * (most - least);
  }

  /** A whole number; both ends are possible. */
  whole(least: number, most: number): number {
    return Math.floor(this.between(least, most + 1));
  }

  pick<T>(list: readonly T[]): T {
    const picked = list[Math.floor(this.next() * list.length)];
    if (picked === undefined) throw new Error('there is nothing to pick from');
    return picked;
  }

  /** Picks by weight. */
  weighted<T>(choices: readonly (readonly [weight: number, value: T])[]): T {
    let left = this.next() * choices.reduce((sum, [weight]) => sum + weight, 0);
    for (const [weight, value] of choices) {
      left -= weight;
      if (left < 0) return value;
    }
    throw new Error('there is nothing to pick from');
  }
}
