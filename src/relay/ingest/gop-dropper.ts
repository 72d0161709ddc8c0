import type { MediaPacket } from '../media/packet.ts';

/** Lag from which on the path is too slow: frames are dropped. Well below the lag of a connection that counts as dead. */
export const CLOSE_LAG_MS = 1_500;
/** Lag below which frames pass again, starting with a keyframe. */
const OPEN_LAG_MS = 700;

/**
 * Drops frames when the path behind is too slow, from the moment it falls behind up to a keyframe, so that the output
 * can always be decoded. Audio is never dropped: it is a twentieth of the bytes, and gaps in it are audible.
 */
export class GopDropper {
  #closed = false;
  /** Number of frames dropped so far, and how many times frames were dropped up to a keyframe. */
  droppedFrames = 0;
  droppedGops = 0;

  /**
   * Whether the packet may be sent.
   * @param lagMs age of the oldest bytes in transit
   */
  admits({ kind, format }: Pick<MediaPacket, 'kind' | 'format'>, lagMs: number): boolean {
    if (kind === 'audio') return true;
    if (lagMs > CLOSE_LAG_MS) {
      if (!this.#closed) this.droppedGops++;
      this.#closed = true;
    } else if (format !== undefined && lagMs < OPEN_LAG_MS) this.#closed = false;
    if (this.#closed) this.droppedFrames++;
    return !this.#closed;
  }
}
