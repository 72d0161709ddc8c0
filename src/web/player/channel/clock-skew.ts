/** The service's Date header, when it arrived, and how long the request took. All in milliseconds. */
export interface DateSample {
  readonly serverMs: number;
  readonly receivedMs: number;
  readonly roundTripMs: number;
}

/** More answers than this are not kept: the clock of a device may be set meanwhile. */
export const MOST_SAMPLES = 3;
/** A Date header has whole seconds, rounded down. */
const HALF_SECOND_MS = 500;

/** Milliseconds by which the service's clock is ahead: by the answer that took the least time. undefined: no answer. */
export function clockSkewMs(samples: readonly DateSample[]): number | undefined {
  const [best] = [...samples].sort((left, right) => left.roundTripMs - right.roundTripMs);
  if (best === undefined) return undefined;
  const sentByServer = best.serverMs + HALF_SECOND_MS;
  return Math.round(sentByServer + best.roundTripMs / 2 - best.receivedMs);
}
