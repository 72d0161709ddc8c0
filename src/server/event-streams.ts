/** What holds for the event streams of both faces. */

/** Something is sent so often: proxies close what is silent for longer, and a client sees that the other end is gone. */
export const HEARTBEAT_MS = 15_000;

/**
 * A stream ends after so long, and its client comes back with the id of the last event: who it is, is looked at again,
 * so that a revoked key hears no more. Somewhat earlier by chance: streams that began together, after a replica went
 * or at the beginning of a show, do not all come back together.
 */
export function streamMs(random: () => number): number {
  return Math.round((12 + 3 * random()) * 60_000);
}
