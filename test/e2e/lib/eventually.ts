import { waitUntil } from '../../../hack/cluster/wait-until.ts';

/** Waits for a condition with a deadline, given in seconds; asks four times a second. */
export function eventually<T>(
  what: string,
  seconds: number,
  probe: () => Promise<T | undefined>,
): Promise<T> {
  return waitUntil(what, seconds * 1_000, probe, 250);
}
