import { readFile } from 'node:fs/promises';
import { errorSummary } from './error-text.ts';
import type { Logger } from './logger.ts';

export interface WatchedFileOptions<T> {
  readonly path: string;
  /** Interval between checks of the file, in milliseconds. */
  readonly everyMs: number;
  /** Throws if the text is not valid. */
  readonly parse: (text: string) => T;
  readonly logger: Logger;
  /** Called whenever the content, or the error of reading it, has changed. */
  readonly onLook?: ((valid: boolean) => void) | undefined;
}

/**
 * A file that is read again when it changes. If the new content is not valid, an error is logged and the last valid
 * content stays in use. The owner calls `run` every `everyMs`.
 */
export class WatchedFile<T> {
  /** Name of the task, where this runs as one. */
  readonly name = 'file';
  readonly everyMs: number;
  readonly #options: WatchedFileOptions<T>;
  #value: T;
  /** What the last check found: the text, or why it could not be read. */
  #seen = '';

  /** `value` is in use until the file has been read. */
  constructor(value: T, options: WatchedFileOptions<T>) {
    this.#value = value;
    this.#options = options;
    this.everyMs = options.everyMs;
  }

  get value(): T {
    return this.#value;
  }

  /** Checks the file once. Returns false, for task runners: no more work is due at once. */
  async run(): Promise<false> {
    const { path, parse, logger, onLook } = this.#options;
    const result = await readFile(path, 'utf8').then(
      (text) => ({ text }),
      (error: unknown) => ({ error: errorSummary(error) }),
    );
    const seen = 'text' in result ? `text ${result.text}` : result.error;
    if (seen === this.#seen) return false;
    this.#seen = seen;
    try {
      if (!('text' in result)) throw new Error(result.error);
      this.#value = parse(result.text);
      onLook?.(true);
      logger.info({ file: path }, 'file read');
    } catch (error) {
      onLook?.(false);
      logger.error(
        { file: path, error: errorSummary(error) },
        'file cannot be used; the last valid content stays in use',
      );
    }
    return false;
  }
}
