import type { MediaPacket } from './packet.ts';

/** A group longer than this in bytes is not worth sending again. */
const MAX_BYTES = 16 * 1024 * 1024;

/**
 * The packets since the last keyframe, whether the host's or one that is held. A new RTMP session begins with them
 * instead of waiting for the next, so that the end of one FFmpeg and the start of another leave no hole in the frames.
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

  /** Empty or beginning with a keyframe. */
  get packets(): readonly MediaPacket[] {
    return this.#packets;
  }

  clear(): void {
    this.#packets = [];
    this.#bytes = 0;
  }
}
