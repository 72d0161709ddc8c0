import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import type { Clock } from '../../base/clock.ts';
import { errorText } from '../../base/error-text.ts';

/** The highest that Amazon IVS takes (Low-Latency User Guide, stream takeover). */
const HIGHEST = 2_147_483_647;

/**
 * Priorities for the ingest's takeover, each higher than all before: a session with a higher one ends a session that
 * still seems connected. The last one is kept in a file, since a container that was started again must not begin below
 * the session which its predecessor left behind, even where the clock was set back.
 */
export class TakeoverPriority {
  readonly #file: string;
  readonly #clock: Pick<Clock, 'now'>;
  #last: number;

  /** @param file in a folder that outlives the container, such as the pod's temporary one */
  constructor(file: string, clock: Pick<Clock, 'now'>) {
    this.#file = file;
    this.#clock = clock;
    this.#last = readNumber(file);
  }

  /**
   * For the next session.
   * @param epoch Unix seconds at which this relay was made the active one. The first session has it, each later one
   *   more by one: a relay that was replaced stays below its successor however long it was paused. Without it, the
   *   time of day.
   */
  next(epoch: number | undefined): number {
    const wanted = epoch ?? Math.floor(this.#clock.now().getTime() / 1_000);
    this.#last = Math.min(HIGHEST, Math.max(wanted, this.#last + 1));
    // Renamed into place: a half-written number would be a lower one.
    writeFileSync(`${this.#file}.new`, `${this.#last}\n`);
    renameSync(`${this.#file}.new`, this.#file);
    return this.#last;
  }
}

function readNumber(file: string): number {
  try {
    const number = Number(readFileSync(file, 'utf8').trim());
    return Number.isSafeInteger(number) && number >= 0 ? number : 0;
  } catch (error) {
    if (errorText(error) === 'ENOENT') return 0;
    throw error;
  }
}
