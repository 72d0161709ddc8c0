import type { ServerResponse } from 'node:http';
import type { OpenCall } from './http-call.ts';

/** Interval of heartbeats, so that proxies do not close idle streams and clients notice a dead server. */
export const HEARTBEAT_MS = 15_000;

/**
 * Duration of a stream: 12 to 15 minutes, in milliseconds. The client then reconnects with the id of the last event and is
 * authenticated again, so that a revoked key receives no further events. The duration varies, so that streams that began
 * together (after the loss of a replica, or at the start of a show) do not all reconnect together.
 */
function streamMs(random: () => number): number {
  return Math.round((12 + 3 * random()) * 60_000);
}

/** The open event streams of a server, by REST and tRPC. */
export class EventStreams {
  readonly #open = new Set<OpenCall>();
  readonly #random: () => number;
  #closed = false;

  /** `random` returns a number from 0 to 1, which varies the duration of streams. */
  constructor(random: () => number) {
    this.#random = random;
  }

  /** Limits the duration of a call whose response is an event stream. */
  add(call: OpenCall, response: ServerResponse): void {
    if (this.#closed) {
      call.end();
      return;
    }
    call.limit(streamMs(this.#random));
    this.#open.add(call);
    response.once('close', () => this.#open.delete(call));
  }

  /** Ends all streams when the server closes: their clients resume at another replica. */
  closeAll(): void {
    this.#closed = true;
    for (const call of this.#open) call.end();
  }
}
