import { hkdf } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import type { Clock } from '../../../base/clock.ts';
import { errorCode } from '../../../base/error-text.ts';
import type { Logger } from '../../../base/logger.ts';

/** A line is the source of a 256-bit key, so a shorter one cannot have as much entropy. */
export const MIN_KEY_CHARACTERS = 32;
const MAX_KEYS = 8;
const MAX_FILE_CHARACTERS = 16_384;
/** Interval at which the mounted Secret is read again. */
const REREAD_INTERVAL_MS = 30_000;

const derive = promisify(hkdf);

/**
 * The keys that encrypt the cookies of sessions, one a line. The first one encrypts, and all of them decrypt, so that a
 * key can be replaced while sessions of the previous one are in use. All replicas share the file.
 */
export class SessionKeys {
  readonly #file: string;
  readonly #clock: Pick<Clock, 'monotonic'>;
  readonly #logger: Logger;
  #keys: readonly Uint8Array[] = [];
  #readUntil = -Infinity;
  #reading: Promise<void> | undefined;

  constructor(file: string, clock: Pick<Clock, 'monotonic'>, logger: Logger) {
    this.#file = file;
    this.#clock = clock;
    this.#logger = logger;
  }

  /** In the order of the file; none if there is no usable key, and no login then. */
  async all(): Promise<readonly Uint8Array[]> {
    if (this.#clock.monotonic() >= this.#readUntil)
      await (this.#reading ??= this.#reread().finally(() => {
        this.#reading = undefined;
      }));
    return this.#keys;
  }

  async #reread(): Promise<void> {
    try {
      const lines = linesOf(await readFile(this.#file, 'utf8'));
      const usable = lines.filter((line) => line.length >= MIN_KEY_CHARACTERS);
      if (usable.length < lines.length)
        this.#logger.error(
          { ignored: lines.length - usable.length },
          `keys of sessions are ignored: they have fewer than ${MIN_KEY_CHARACTERS} characters`,
        );
      this.#keys = await Promise.all(usable.slice(0, MAX_KEYS).map(keyFrom));
    } catch (error) {
      // A Secret that was removed ends all sessions. With any other error, the keys that are known remain valid.
      if (errorCode(error) === 'ENOENT') this.#keys = [];
      this.#logger.error({ err: error }, 'the keys of sessions cannot be read');
    }
    this.#readUntil = this.#clock.monotonic() + REREAD_INTERVAL_MS;
  }
}

function linesOf(text: string): string[] {
  return text
    .slice(0, MAX_FILE_CHARACTERS)
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
}

async function keyFrom(line: string): Promise<Uint8Array> {
  return new Uint8Array(await derive('sha256', line, '', 'livechannel session', 32));
}
