import { fnv1a } from '../../base/fnv1a.ts';

/**
 * Deals channels out over the parts of an interval, so that thousands of them do not come in one millisecond. A channel
 * keeps its turn, whatever others come and go: its samples are one interval apart.
 */
export function shardByUid<T>(
  all: readonly T[],
  uidOf: (each: T) => string,
  turns: number,
): readonly (readonly T[])[] {
  const dealt = Array.from({ length: turns }, (): T[] => []);
  for (const each of all) dealt[shardOf(uidOf(each), turns)]?.push(each);
  return dealt;
}

export function shardOf(uid: string, turns: number): number {
  return fnv1a(uid) % turns;
}
