import type { Clock } from '../../base/clock.ts';
import type { Logger } from '../../base/logger.ts';

/** Interval at which the mounted Secret is read again. */
const REREAD_INTERVAL_MS = 30_000;

export interface MountedKeysOptions<Keys> {
  /** `before`: what is known; undefined: nothing has been read yet. */
  readonly read: (before: Keys | undefined) => Promise<Keys>;
  /** In use if the first read fails. */
  readonly none: Keys;
  /** The log line of a read that fails. */
  readonly failed: string;
  readonly clock: Pick<Clock, 'monotonic'>;
  readonly logger: Logger;
}

/**
 * Keys of a mounted Secret, which are read again when they are requested and have been read before the last interval. A read
 * that fails leaves those that are known in use until the next one.
 */
export class MountedKeys<Keys> {
  readonly #options: MountedKeysOptions<Keys>;
  #known: { readonly keys: Keys; readonly until: number } | undefined;
  #reading: Promise<Keys> | undefined;

  constructor(options: MountedKeysOptions<Keys>) {
    this.#options = options;
  }

  async current(): Promise<Keys> {
    if (this.#known !== undefined && this.#options.clock.monotonic() < this.#known.until)
      return this.#known.keys;
    this.#reading ??= this.#reread().finally(() => {
      this.#reading = undefined;
    });
    return this.#reading;
  }

  async #reread(): Promise<Keys> {
    const { read, none, failed, clock, logger } = this.#options;
    const before = this.#known?.keys;
    const keys = await read(before).catch((error: unknown) => {
      logger.error({ err: error }, failed);
      return before ?? none;
    });
    this.#known = { keys, until: clock.monotonic() + REREAD_INTERVAL_MS };
    return keys;
  }
}
