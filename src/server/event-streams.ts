/** What holds for the event streams of both faces. */

/** Something is sent so often: proxies close what is silent for longer, and a client sees that the other end is gone. */
export const HEARTBEAT_MS = 15_000;

/**
 * A stream ends after so long, and its client comes back with the id of the last event: who it is, is looked at again,
 * so that a revoked key hears no more.
 */
export const STREAM_MS = 15 * 60_000;
