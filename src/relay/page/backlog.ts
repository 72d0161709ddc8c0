/** So much unsent means that the relay does not read. */
const MAX_WAITING_BYTES = 8 * 1024 * 1024;

/** How the connection to the relay is off. */
export interface Connection {
  readonly open: boolean;
  readonly waitingBytes: number;
}

/**
 * Decides which frames are handed over. Where one frame could not be, those up to the next keyframe are of no use;
 * sound needs little and has no such ties.
 */
export class Backlog {
  /** Frames that were received and not handed over. */
  framesDropped = 0;
  #dropping = false;

  /** What was on its way on the connection before may be lost. */
  connectionLost(): void {
    this.#dropping = true;
  }

  admits(kind: 'video' | 'audio', key: boolean, { open, waitingBytes }: Connection): boolean {
    if (kind === 'audio') return open;
    const full = !open || waitingBytes > MAX_WAITING_BYTES;
    this.#dropping = full || (this.#dropping && !key);
    if (this.#dropping) this.framesDropped++;
    return !this.#dropping;
  }
}
