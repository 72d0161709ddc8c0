import type { Reception } from './page-protocol.ts';

/** What is said of the way from Agora is about so long. */
const WINDOW_MS = 10_000;

export interface ReceptionFigures {
  /** undefined before enough is known. */
  readonly packetLossPercent: number | undefined;
  readonly jitterMs: number | undefined;
  /** Of all pages so far. */
  readonly keyframeRequests: number;
  readonly framesDropped: number;
}

/** Turns the page's counts, which begin again with each page, into what they say of the last seconds and of all time. */
export class ReceptionMeter {
  #window: readonly { readonly at: number; readonly reception: Reception }[] = [];
  #before = { keyframeRequests: 0, framesDropped: 0 };

  /** Returns whether packets of the video came since the last time. */
  add(reception: Reception, now: number): boolean {
    const last = this.#window.at(-1)?.reception;
    this.#window = [...this.#window.filter(({ at }) => at > now - WINDOW_MS), { at: now, reception }];
    return reception.videoPackets > (last?.videoPackets ?? 0);
  }

  /** Another page counts from nothing. */
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
