import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import type { Clock } from '../../base/clock.ts';
import { errorText } from '../../base/error-text.ts';

/** Highest priority that Amazon IVS accepts (Low-Latency User Guide, stream takeover). */
const MAX_PRIORITY = 2_147_483_647;

/**
 * Priorities for the ingest's stream takeover, each higher than all before: a session with a higher priority ends a
 * session that still appears to be connected. The last priority is kept in a file, because a restarted container must
 * not start below the session that its predecessor left behind, even if the clock was set back.
 */
export class TakeoverPriority {
  readonly #file: string;
  readonly #clock: Pick<Clock, 'now'>;
  #last: number;

  /** @param file in a folder that outlives the container, such as the pod's temporary folder */
  constructor(file: string, clock: Pick<Clock, 'now'>) {
    this.#file = file;
    this.#clock = clock;
    this.#last = readNumber(file);
  }

  /**
   * The priority of the next session.
   * @param epoch Unix time in seconds at which this relay became the active one. The first session has this priority
   * and each later session the next higher number, so a relay that was replaced stays below its successor no matter
   * how long it was paused. Without `epoch`, the current time is used.
   */
  next(epoch: number | undefined): number {
    const wanted = epoch ?? Math.floor(this.#clock.now().getTime() / 1_000);
    this.#last = Math.min(MAX_PRIORITY, Math.max(wanted, this.#last + 1));
    // Written to another file and renamed: a half-written number would be a lower one.
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
