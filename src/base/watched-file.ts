import { readFile } from 'node:fs/promises';
import { errorSummary } from './error-text.ts';
import type { Logger } from './logger.ts';

export interface WatchedFileOptions<T> {
  readonly path: string;
  readonly everyMs: number;
  /** Throws where it is not as it should be. */
  readonly parse: (text: string) => T;
  readonly logger: Logger;
  readonly onLook?: ((valid: boolean) => void) | undefined;
}

/** A file whose content is in use, read again when it changes. A broken one is told, and the last good one goes on. */
export class WatchedFile<T> {
  /** Of the task, where it is one. */
  readonly name = 'file';
  readonly everyMs: number;
  readonly #options: WatchedFileOptions<T>;
  #value: T;
  /** What was looked at last: the text, or why there is none. */
  #seen = '';

  /** `value` is in use until the file was read. */
  constructor(value: T, options: WatchedFileOptions<T>) {
    this.#value = value;
    this.#options = options;
    this.everyMs = options.everyMs;
  }

  get value(): T {
    return this.#value;
  }

  /** Looks at it. There is never more to do at once. */
  async run(): Promise<false> {
    const { path, parse, logger, onLook } = this.#options;
    const look = await readFile(path, 'utf8').then(
      (text) => ({ text }),
      (error: unknown) => ({ error: errorSummary(error) }),
    );
    const seen = 'text' in look ? `text ${look.text}` : look.error;
    if (seen === this.#seen) return false;
    this.#seen = seen;
    try {
      if (!('text' in look)) throw new Error(look.error);
      this.#value = parse(look.text);
      onLook?.(true);
      logger.info({ file: path }, 'file read');
    } catch (error) {
      onLook?.(false);
      logger.error(
        { file: path, error: errorSummary(error) },
        'file cannot be used; the last good one goes on',
      );
    }
    return false;
  }
}
