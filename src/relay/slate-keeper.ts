import type { Logger } from 'pino';
import { errorText } from '../base/error-text.ts';
import { encodeSlate, type Slate } from './media/slate.ts';

export interface SlateKeeperOptions {
  readonly file: string;
  readonly ffmpeg: string;
  readonly log: Logger;
  readonly onSlate: (slate: Slate) => void;
}

/** Has the channel's slate encoded for the resolution of the host's video. */
export class SlateKeeper {
  readonly #options: SlateKeeperOptions;
  readonly #over = new AbortController();
  #size = '';

  constructor(options: SlateKeeperOptions) {
    this.#options = options;
  }

  /** Asked at every look; something is done only where the size is another one. */
  want({ width, height }: { readonly width: number; readonly height: number }): void {
    const size = `${String(width)}x${String(height)}`;
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
