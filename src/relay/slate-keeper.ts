import type { Logger } from 'pino';
import { errorText } from '../base/error-text.ts';
import { encodeSlate, type Slate } from './media/slate.ts';

/** What a SlateKeeper needs. */
export interface SlateKeeperOptions {
  readonly file: string;
  readonly ffmpeg: string;
  readonly log: Logger;
  readonly onSlate: (slate: Slate) => void;
}

/** Encodes the channel's slate for the resolution of the host's video. */
export class SlateKeeper {
  readonly #options: SlateKeeperOptions;
  readonly #over = new AbortController();
  #size = '';

  constructor(options: SlateKeeperOptions) {
    this.#options = options;
  }

  /** To be called at every tick. Encodes the slate only when the size has changed. */
  want({ width, height }: { readonly width: number; readonly height: number }): void {
    const size = `${width}x${height}`;
    if (size === this.#size || width === 0) return;
    this.#size = size;
    void this.#encode(width, height, size);
  }

  close(): void {
    this.#over.abort();
  }

  async #encode(width: number, height: number, size: string): Promise<void> {
    const { file, ffmpeg, log, onSlate } = this.#options;
    try {
      const slate = await encodeSlate({ ffmpeg, file, width, height, signal: this.#over.signal });
      if (this.#size === size) onSlate(slate);
    } catch (error) {
      if (!this.#over.signal.aborted)
        log.warn(
          { part: 'slate', file, error: errorText(error) },
          'slate not usable; the last frame is held instead',
        );
    }
  }
}
