import type { MediaPacket } from './packet.ts';

/** A longer GOP, in bytes, is not worth sending again. */
const MAX_BYTES = 16 * 1024 * 1024;

/**
 * The packets since the last keyframe, which is the host's or a held one. A new RTMP session begins with them instead
 * of waiting for the next keyframe, so that there is no gap between the end of one FFmpeg and the start of the next.
 */
export class RecentPackets {
  #packets: MediaPacket[] = [];
  #bytes = 0;

  add(packet: MediaPacket): void {
    if (packet.format !== undefined || this.#bytes > MAX_BYTES) this.clear();
    if (this.#packets.length === 0 && packet.format === undefined) return;
    this.#packets.push(packet);
    this.#bytes += packet.data.length;
  }

  /** Empty, or beginning with a keyframe. */
  get packets(): readonly MediaPacket[] {
    return this.#packets;
  }

  clear(): void {
    this.#packets = [];
    this.#bytes = 0;
  }
}
