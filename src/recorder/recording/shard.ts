import { fnv1a } from '../../base/fnv1a.ts';

/**
 * Distributes channels over the turns of an interval, so that thousands of them are not sampled in the same millisecond. A
 * channel keeps its turn when others are added or removed, so its samples are one interval apart.
 */
export function shardByUid<T>(
  all: readonly T[],
  uidOf: (each: T) => string,
  turns: number,
): readonly (readonly T[])[] {
  const shards = Array.from({ length: turns }, (): T[] => []);
  for (const each of all) shards[shardOf(uidOf(each), turns)]?.push(each);
  return shards;
}

/** Turn of a channel, from 0 to `turns` - 1; a hash of its uid. */
export function shardOf(uid: string, turns: number): number {
  return fnv1a(uid) % turns;
}
