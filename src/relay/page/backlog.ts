/** If this much is unsent, the relay is not reading. */
const MAX_WAITING_BYTES = 8 * 1024 * 1024;

/** State of the connection to the relay. */
export interface Connection {
  readonly open: boolean;
  readonly waitingBytes: number;
}

/**
 * Decides which frames are sent to the relay. If a frame could not be sent, those up to the next keyframe are
 * useless. Audio is small, and its packets do not depend on each other.
 */
export class Backlog {
  /** Number of frames that were received and not sent. */
  framesDropped = 0;
  #dropping = false;

  /** To be called when the connection is lost, because the frames in transit may be lost, too. */
  connectionLost(): void {
    this.#dropping = true;
  }

  /** Whether to send the frame. */
  admits(kind: 'video' | 'audio', key: boolean, { open, waitingBytes }: Connection): boolean {
    if (kind === 'audio') return open;
    const full = !open || waitingBytes > MAX_WAITING_BYTES;
    this.#dropping = full || (this.#dropping && !key);
    if (this.#dropping) this.framesDropped++;
    return !this.#dropping;
  }
}
