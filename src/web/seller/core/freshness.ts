/** Older figures are unknown. */
export const STALE_MS = 10_000;
/** Players report in batches, and their figures are requested every 30 s. */
export const BUYERS_STALE_MS = 90_000;

/** The value; undefined if it is older than `mostMs`. Times are monotonic milliseconds. */
export function fresh<T extends { readonly at: number }>(
  value: T | undefined,
  now: number,
  mostMs: number,
): T | undefined {
  return value !== undefined && now - value.at <= mostMs ? value : undefined;
}
