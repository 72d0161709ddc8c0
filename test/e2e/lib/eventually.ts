import { waitUntil } from '../../../hack/cluster/wait-until.ts';

/** Waits for a condition with a deadline in seconds; polls four times per second. */
export function eventually<T>(
  what: string,
  seconds: number,
  probe: () => Promise<T | undefined>,
): Promise<T> {
  return waitUntil(what, seconds * 1_000, probe, 250);
}
