import type { MediaPacket } from '../media/packet.ts';

/** From this lag on frames are left out. Well below what counts as a dead connection. */
const CLOSE_LAG_MS = 1_500;
/** Below this they are let through again, from a keyframe on. */
const OPEN_LAG_MS = 700;

/**
 * Leaves out frames when the way behind is too slow, from where it falls behind up to a keyframe, so that what goes
 * out can always be decoded. Sound is never left out: it is a twentieth of the bytes, and a hole in it is heard.
 */
export class GopDropper {
  #closed = false;
  /** Frames left out so far. */
  droppedFrames = 0;

  /** @param lagMs age of the oldest bytes on their way */
  admits({ kind, format }: Pick<MediaPacket, 'kind' | 'format'>, lagMs: number): boolean {
    if (kind === 'audio') return true;
    if (lagMs > CLOSE_LAG_MS) this.#closed = true;
    else if (format !== undefined && lagMs < OPEN_LAG_MS) this.#closed = false;
    if (this.#closed) this.droppedFrames++;
    return !this.#closed;
  }
}
