/** Numbers arrive every 2 s; after five that are missing, what is shown may be wrong. */
export const STALE_AFTER_MS = 10_000;

/** Age of the numbers: unknown before the first ones have arrived. */
export type Freshness =
  { readonly state: 'unknown' } | { readonly state: 'fresh' | 'stale'; readonly seconds: number };

export function freshnessOf(receivedAt: number | undefined, now: number): Freshness {
  if (receivedAt === undefined) return { state: 'unknown' };
  const age = Math.max(0, now - receivedAt);
  return { state: age < STALE_AFTER_MS ? 'fresh' : 'stale', seconds: Math.floor(age / 1_000) };
}
