import { hkdf } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import type { Clock } from '../../../base/clock.ts';
import { errorCode } from '../../../base/error-text.ts';
import type { Logger } from '../../../base/logger.ts';
import { MountedKeys } from '../mounted-keys.ts';

/** A line is the source of a 256-bit key, so a shorter one cannot have as much entropy. */
export const MIN_KEY_CHARACTERS = 32;
const MAX_KEYS = 8;
const MAX_FILE_CHARACTERS = 16_384;

const derive = promisify(hkdf);

/**
 * The keys that encrypt the cookies of sessions, one a line. The first one encrypts, and all of them decrypt, so that a
 * key can be replaced while sessions of the previous one are in use. All replicas share the file.
 */
export class SessionKeys {
  readonly #keys: MountedKeys<readonly Uint8Array[]>;

  constructor(file: string, clock: Pick<Clock, 'monotonic'>, logger: Logger) {
    const failed = 'the keys of sessions cannot be read';
    this.#keys = new MountedKeys<readonly Uint8Array[]>({
      ...{ clock, logger, failed, none: [] },
      read: async () => {
        try {
          return await keysIn(await readFile(file, 'utf8'), logger);
        } catch (error) {
          // A Secret that was removed ends all sessions. With any other error, the keys that are known remain valid.
          if (errorCode(error) !== 'ENOENT') throw error;
          logger.error({ err: error }, failed);
          return [];
        }
      },
    });
  }

  /** In the order of the file; none if there is no usable key, and no login then. */
  all(): Promise<readonly Uint8Array[]> {
    return this.#keys.current();
  }
}

function keysIn(text: string, logger: Logger): Promise<readonly Uint8Array[]> {
  const lines = linesOf(text);
  const usable = lines.filter((line) => line.length >= MIN_KEY_CHARACTERS);
  if (usable.length < lines.length)
    logger.error(
      { ignored: lines.length - usable.length },
      `keys of sessions are ignored: they have fewer than ${MIN_KEY_CHARACTERS} characters`,
    );
  return Promise.all(usable.slice(0, MAX_KEYS).map(keyFrom));
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
