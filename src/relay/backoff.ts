export interface BackoffLimits {
  readonly firstMs: number;
  readonly maxMs: number;
}

/**
 * How long to wait after the given number of failures in a row: doubling, and spread by a fifth to either side so
 * that many relays that lost the same ingest do not come back as one.
 * @param random from 0 to 1
 */
export function backoffMs(failures: number, { firstMs, maxMs }: BackoffLimits, random: number): number {
  const delay = Math.min(maxMs, firstMs * 2 ** Math.max(0, Math.min(failures, 30) - 1));
  return delay * (0.8 + 0.4 * random);
}
