import type { Clock } from '../../base/clock.ts';
import type { Logger } from '../../base/logger.ts';
import type { AuditEntry, Store } from '../../store/store.ts';

const FLUSH_MS = 1_000;
const BATCH = 200;
/** So many wait while the database is away; the log has them all. */
const MOST_WAITING = 5_000;

/**
 * Who changed what. Each entry is a line of the log at once, and a row of the database soon: in small batches, tried
 * again while the database is away, the oldest given up when too many wait. Nobody's request waits for it.
 */
export class AuditLog {
  readonly #store: Pick<Store, 'appendAudit'> | undefined;
  readonly #clock: Clock;
  readonly #logger: Logger;
  #waiting: AuditEntry[] = [];
  #dropped = 0;

  constructor(store: Pick<Store, 'appendAudit'> | undefined, clock: Clock, logger: Logger) {
    this.#store = store;
    this.#clock = clock;
    this.#logger = logger;
  }

  get waiting(): number {
    return this.#waiting.length;
  }

  get dropped(): number {
    return this.#dropped;
  }

  add(entry: AuditEntry): void {
    const { at: _, ...fields } = entry;
    this.#logger.info({ audit: fields }, 'change');
    if (this.#store === undefined) return;
    this.#waiting.push(entry);
    if (this.#waiting.length <= MOST_WAITING) return;
    this.#waiting.shift();
    this.#dropped += 1;
  }

  /** Writes until `signal` aborts, and then what is left, once. */
  async run(signal: AbortSignal): Promise<void> {
    const stopped = (): boolean => signal.aborted;
    while (!stopped()) {
      await this.#clock.sleep(FLUSH_MS, signal);
      await this.#flush();
    }
  }

  async #flush(): Promise<void> {
    if (this.#store === undefined) return;
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.slice(0, BATCH);
      const before = this.#dropped;
      try {
        await this.#store.appendAudit(batch);
      } catch (error) {
        this.#logger.warn(
          { err: error, waiting: this.#waiting.length },
          'audit entries wait for the database',
        );
        return;
      }
      // Those that were given up meanwhile were the first of the batch.
      this.#waiting = this.#waiting.slice(Math.max(0, batch.length - (this.#dropped - before)));
    }
  }
}
