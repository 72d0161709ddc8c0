import { builtInPrices } from '../../costs/list-prices.ts';
import { parsePrices } from '../../costs/parse-prices.ts';
import type { Prices } from '../../costs/viewer-prices.ts';
import type { Clock } from '../../base/clock.ts';
import type { Logger } from '../../base/logger.ts';
import { WatchedFile } from '../../base/watched-file.ts';

const PRICES_POLL_MS = 10_000;

/** The price book of the settings, as in the recorder: the last valid content of the file, else the built-in one. */
export class PricesFile {
  readonly #file: WatchedFile<Prices> | undefined;

  constructor(path: string | undefined, logger: Logger) {
    const parse = (text: string): Prices => parsePrices(text, path ?? '', builtInPrices);
    this.#file =
      path === undefined
        ? undefined
        : new WatchedFile(builtInPrices, { path, everyMs: PRICES_POLL_MS, parse, logger });
  }

  get value(): Prices {
    return this.#file?.value ?? builtInPrices;
  }

  /** Reads the file at once, and again when it changes, until `signal` aborts. */
  async run(clock: Clock, signal: AbortSignal): Promise<void> {
    if (this.#file === undefined) return;
    while (!signal.aborted) {
      await this.#file.run();
      await clock.sleep(this.#file.everyMs, signal);
    }
  }
}
