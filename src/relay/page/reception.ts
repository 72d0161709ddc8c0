import type { Reception } from '../page-protocol.ts';

/** The fields of RTCInboundRtpStreamStats that are used (webrtc-stats section 7.3). */
export interface InboundStats {
  readonly id: string;
  readonly type: string;
  readonly kind?: string;
  readonly packetsReceived?: number;
  readonly packetsLost?: number;
  /** In seconds. */
  readonly jitter?: number;
  readonly pliCount?: number;
  readonly firCount?: number;
}

type Counts = Omit<Reception, 'jitterMs' | 'framesDropped'>;

const NO_COUNTS: Counts = { videoPackets: 0, packets: 0, packetsLost: 0, keyframeRequests: 0 };

/** Adds up what all receivers that were followed in the page's lifetime have received. */
export class ReceptionCount {
  readonly #streams = new Map<string, Counts>();
  #jitterMs = 0;

  /** `receiver`: a number unique to the receiver. A receiver may carry several streams, one after the other. */
  add(receiver: number, report: Iterable<InboundStats>): void {
    for (const stats of report) {
      if (stats.type !== 'inbound-rtp') continue;
      const { kind, packetsReceived: packets = 0, packetsLost = 0, pliCount = 0, firCount = 0 } = stats;
      if (kind === 'video') this.#jitterMs = (stats.jitter ?? 0) * 1_000;
      this.#streams.set(`${receiver}/${stats.id}`, {
        videoPackets: kind === 'video' ? packets : 0,
        packets,
        packetsLost,
        keyframeRequests: pliCount + firCount,
      });
    }
  }

  total(framesDropped: number): Reception {
    const sum = [...this.#streams.values()].reduce(
      (total, each) => ({
        videoPackets: total.videoPackets + each.videoPackets,
        packets: total.packets + each.packets,
        packetsLost: total.packetsLost + each.packetsLost,
        keyframeRequests: total.keyframeRequests + each.keyframeRequests,
      }),
      NO_COUNTS,
    );
    return { ...sum, jitterMs: this.#jitterMs, framesDropped };
  }
}
