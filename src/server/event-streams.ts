/** Parameters of event streams, for REST and tRPC. */

/** Interval of heartbeats, so that proxies do not close idle streams and clients notice a dead server. */
export const HEARTBEAT_MS = 15_000;

/**
 * Duration of a stream: 12 to 15 minutes, in milliseconds. The client then reconnects with the id of the last event and is
 * authenticated again, so that a revoked key receives no further events. The duration varies, so that streams that began
 * together (after the loss of a replica, or at the start of a show) do not all reconnect together.
 */
export function streamMs(random: () => number): number {
  return Math.round((12 + 3 * random()) * 60_000);
}
