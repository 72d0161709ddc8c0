/** A connection that has not published yet. */
export interface Unpublished {
  /** The client's address. Many clients may share one, behind a load balancer or a NAT. */
  readonly address: string;
}

/**
 * Which connection has to leave when there are too many: the oldest of the address that has the most. So one address
 * cannot keep others out, and where all share one address, those leave that have had the most time to publish.
 * `waiting` is in the order of arrival.
 */
export function whoLeaves<T extends Unpublished>(waiting: readonly T[]): T | undefined {
  const byAddress = Map.groupBy(waiting, ({ address }) => address);
  let largest: readonly T[] = [];
  for (const group of byAddress.values()) if (group.length > largest.length) largest = group;
  return largest[0];
}
