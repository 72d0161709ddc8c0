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

/** FNV-1a, 32 bits: http://www.isthe.com/chongo/tech/comp/fnv/ */
export function shardOf(uid: string, turns: number): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < uid.length; index += 1)
    hash = Math.imul(hash ^ uid.charCodeAt(index), 0x01000193) >>> 0;
  return hash % turns;
}
