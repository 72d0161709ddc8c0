import type { ServerResponse } from 'node:http';
import { systemClock, type Clock } from '../base/clock.ts';
import type { OpenCall } from './http-call.ts';
import { ApiProblem } from './problems.ts';
import type { Caller } from './service.ts';

/** Interval of heartbeats, so that proxies do not close idle streams and clients notice a dead server. */
export const HEARTBEAT_MS = 15_000;

/** Maximum number of open streams of one user's tickets on one replica: pages and devices of one person. */
export const MAX_STREAMS_PER_TICKET_USER = 20;

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
  /** Number of open streams of tickets, by subject. */
  readonly #ofTickets = new Map<string, number>();
  readonly #random: () => number;
  readonly #clock: Pick<Clock, 'now'>;
  #closed = false;

  /** `random` returns a number from 0 to 1, which varies the duration of streams. */
  constructor(random: () => number, clock: Pick<Clock, 'now'> = systemClock) {
    this.#random = random;
    this.#clock = clock;
  }

  /**
   * Limits the duration of a call whose response is an event stream. It ends with the caller's ticket at the latest.
   * @throws ApiProblem too-many-subscribers
   */
  add(call: OpenCall, response: ServerResponse): void {
    if (this.#closed) {
      call.end();
      return;
    }
    const { ticket } = call.caller;
    if (ticket !== undefined) this.#count(call.caller, response);
    const left = ticket === undefined ? Infinity : ticket.expiresAt.getTime() - this.#clock.now().getTime();
    call.limit(Math.min(streamMs(this.#random), Math.max(0, left)));
    this.#open.add(call);
    response.once('close', () => this.#open.delete(call));
  }

  /** Ends all streams when the server closes: their clients resume at another replica. */
  closeAll(): void {
    this.#closed = true;
    for (const call of this.#open) call.end();
  }

  /** Counts a stream of a ticket: one user must not take the streams of all others. */
  #count({ subject }: Caller, response: ServerResponse): void {
    const open = this.#ofTickets.get(subject) ?? 0;
    if (open >= MAX_STREAMS_PER_TICKET_USER)
      throw new ApiProblem('too-many-subscribers', `This user has ${open} open event streams.`, {
        retryAfterSeconds: 5,
      });
    this.#ofTickets.set(subject, open + 1);
    response.once('close', () => {
      const left = (this.#ofTickets.get(subject) ?? 1) - 1;
      if (left === 0) this.#ofTickets.delete(subject);
      else this.#ofTickets.set(subject, left);
    });
  }
}
