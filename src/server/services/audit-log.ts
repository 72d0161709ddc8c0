import type { Clock } from '../../base/clock.ts';
import type { Logger } from '../../base/logger.ts';
import type { AuditEntry, Store } from '../../store/store.ts';

const FLUSH_INTERVAL_MS = 1_000;
const BATCH_ENTRIES = 200;
/** Maximum number of queued entries while the database is unavailable; the log has all entries. */
const MAX_QUEUE_LENGTH = 5_000;
/** Longer than an IPv6 address with its zone. What a proxy passes on need not be an address. */
const LONGEST_ADDRESS = 64;

/**
 * Records who changed what. Each entry is logged at once and written to the database later, in small batches, with
 * retries. If the queue is full, the oldest entries are dropped. Requests do not wait for it.
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

  add(added: AuditEntry): void {
    const { address } = added;
    const entry = address === undefined ? added : { ...added, address: address.slice(0, LONGEST_ADDRESS) };
    const { at: _, ...fields } = entry;
    this.#logger.info({ audit: fields }, 'change');
    if (this.#store === undefined) return;
    this.#waiting.push(entry);
    if (this.#waiting.length <= MAX_QUEUE_LENGTH) return;
    this.#waiting.shift();
    this.#dropped += 1;
  }

  /** Writes entries until `signal` aborts, then makes one attempt to write the remaining ones. */
  async run(signal: AbortSignal): Promise<void> {
    const stopped = (): boolean => signal.aborted;
    while (!stopped()) {
      await this.#clock.sleep(FLUSH_INTERVAL_MS, signal);
      await this.#flush();
    }
  }

  async #flush(): Promise<void> {
    if (this.#store === undefined) return;
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.slice(0, BATCH_ENTRIES);
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
      // Entries that were dropped during the write were the first of the batch.
      this.#waiting = this.#waiting.slice(Math.max(0, batch.length - (this.#dropped - before)));
    }
  }
}
