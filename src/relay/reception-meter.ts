import type { Reception } from './page-protocol.ts';

/** Packet loss and jitter are measured over about this time. */
const WINDOW_MS = 10_000;

/** How well media arrives from Agora. */
export interface ReceptionFigures {
  /** undefined until enough packets have been counted. */
  readonly packetLossPercent: number | undefined;
  readonly jitterMs: number | undefined;
  /** Total of all pages so far. */
  readonly keyframeRequests: number;
  readonly framesDropped: number;
}

/**
 * Turns the page's counts, which start at 0 with each page, into figures of the last seconds and totals of the
 * relay's lifetime.
 */
export class ReceptionMeter {
  #window: readonly { readonly at: number; readonly reception: Reception }[] = [];
  #before = { keyframeRequests: 0, framesDropped: 0 };

  /** Adds the counts of one heartbeat. Returns whether video packets arrived since the last call. */
  add(reception: Reception, now: number): boolean {
    const last = this.#window.at(-1)?.reception;
    this.#window = [...this.#window.filter(({ at }) => at > now - WINDOW_MS), { at: now, reception }];
    return reception.videoPackets > (last?.videoPackets ?? 0);
  }

  /** To be called when another page is loaded, because its counts start at 0. */
  restart(): void {
    const { keyframeRequests, framesDropped } = this.#totals();
    this.#before = { keyframeRequests, framesDropped };
    this.#window = [];
  }

  figures(now: number): ReceptionFigures {
    const recent = this.#window.filter(({ at }) => at > now - WINDOW_MS);
    const [first, last] = [recent[0]?.reception, recent.at(-1)?.reception];
    const packets = (last?.packets ?? 0) - (first?.packets ?? 0);
    const lost = (last?.packetsLost ?? 0) - (first?.packetsLost ?? 0);
    const all = packets + lost;
    return {
      packetLossPercent: all > 0 ? (Math.max(0, lost) * 100) / all : undefined,
      jitterMs: last?.jitterMs,
      ...this.#totals(),
    };
  }

  #totals(): { keyframeRequests: number; framesDropped: number } {
    const last = this.#window.at(-1)?.reception;
    return {
      keyframeRequests: this.#before.keyframeRequests + (last?.keyframeRequests ?? 0),
      framesDropped: this.#before.framesDropped + (last?.framesDropped ?? 0),
    };
  }
}
