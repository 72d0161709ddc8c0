import type { Logger } from 'pino';
import type { Clock } from '../base/clock.ts';
import { errorText } from '../base/error-text.ts';
import { isSupportedSize, type FrameSize } from './media/frame-size.ts';
import { encodeSlate, type Slate } from './media/slate.ts';

/** What a SlateKeeper needs. */
export interface SlateKeeperOptions {
  readonly file: string;
  readonly ffmpeg: string;
  readonly clock: Pick<Clock, 'monotonic'>;
  readonly log: Logger;
  readonly onSlate: (slate: Slate) => void;
}

/** An encoder that runs. */
interface Encoding {
  readonly size: FrameSize;
  readonly stop: AbortController;
}

/**
 * Shortest time between the starts of two encoders: a host that changes its size with each keyframe gets the slate of the
 * last size, a little later.
 */
const ENCODE_INTERVAL_MS = 5_000;

/** Encodes the channel's slate for the resolution of the host's video, with one encoder at a time. */
export class SlateKeeper {
  readonly #options: SlateKeeperOptions;
  #encoding: Encoding | undefined;
  /** The last size for which an encoder was started. */
  #size: FrameSize | undefined;
  #startedAt = -Infinity;
  #closed = false;

  constructor(options: SlateKeeperOptions) {
    this.#options = options;
  }

  /** To be called at every tick. Encodes the slate only when the size has changed; an encoder for another size is ended. */
  want(size: FrameSize): void {
    if (this.#closed || !isSupportedSize(size) || isSame(size, this.#size)) return;
    this.#encoding?.stop.abort();
    const now = this.#options.clock.monotonic();
    // The next tick follows.
    if (this.#encoding !== undefined || now - this.#startedAt < ENCODE_INTERVAL_MS) return;
    this.#startedAt = now;
    this.#size = { width: size.width, height: size.height };
    this.#encoding = { size: this.#size, stop: new AbortController() };
    void this.#encode(this.#encoding);
  }

  close(): void {
    this.#closed = true;
    this.#encoding?.stop.abort();
  }

  async #encode({ size, stop: { signal } }: Encoding): Promise<void> {
    const { file, ffmpeg, log, onSlate } = this.#options;
    try {
      const slate = await encodeSlate({ ffmpeg, file, ...size, signal });
      if (!signal.aborted) onSlate(slate);
    } catch (error) {
      if (!signal.aborted)
        log.warn(
          { part: 'slate', file, error: errorText(error) },
          'slate not usable; the last frame is held instead',
        );
    } finally {
      this.#encoding = undefined;
    }
  }
}

const isSame = (one: FrameSize, other: FrameSize | undefined): boolean =>
  one.width === other?.width && one.height === other.height;
