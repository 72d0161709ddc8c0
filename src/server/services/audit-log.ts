import { whenAborted } from '../../base/abort.ts';
import type { Clock } from '../../base/clock.ts';
import type { Logger } from '../../base/logger.ts';
import type { AuditEntry, Store } from '../../store/store.ts';
import type { ProblemCode } from '../problems.ts';
import { boundedEntry } from './audit-bounds.ts';
import { RefusalRation } from './refusal-ration.ts';

const FLUSH_INTERVAL_MS = 1_000;
const BATCH_ENTRIES = 200;
/** Maximum number of queued entries while the database is unavailable; the log has all entries. */
const MAX_QUEUE_LENGTH = 5_000;
/** How long the last entries are tried to be written during shutdown. The pod is killed 30 s after its beginning. */
const LAST_FLUSH_MS = 5_000;
const LAST_FLUSH_RETRY_MS = 500;
/** Interval of the log line about entries that were not recorded. */
const OMITTED_LOG_MS = 60_000;

/** Outcomes of callers who may not do what they asked for. */
const refusals: ReadonlySet<string> = new Set<ProblemCode>(['not-authenticated', 'not-allowed']);

/**
 * Records who changed what. Each entry is logged at once and written to the database later, in small batches, with
 * retries. If the queue is full, the oldest entries are dropped. Requests do not wait for it. Refused requests of one
 * client, and of all, are recorded up to a number a minute, and counted beyond it.
 */
export class AuditLog {
  readonly #store: Pick<Store, 'appendAudit'> | undefined;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #ration: RefusalRation;
  #waiting: AuditEntry[] = [];
  #dropped = 0;
  #omitted = { inAll: 0, logged: 0, nextLogAt: -Infinity };

  constructor(store: Pick<Store, 'appendAudit'> | undefined, clock: Clock, logger: Logger) {
    this.#store = store;
    this.#clock = clock;
    this.#logger = logger;
    this.#ration = new RefusalRation(clock);
  }

  get waiting(): number {
    return this.#waiting.length;
  }

  get dropped(): number {
    return this.#dropped;
  }

  /** Refused requests beyond the ration, of which there is no entry. */
  get omitted(): number {
    return this.#omitted.inAll;
  }

  add(added: AuditEntry): void {
    if (refusals.has(added.outcome) && !this.#ration.admit(added.address)) {
      this.#omitted.inAll += 1;
      this.#logOmitted();
      return;
    }
    const entry = boundedEntry(added);
    const { at: _, ...fields } = entry;
    this.#logger.info({ audit: fields }, 'change');
    if (this.#store === undefined) return;
    this.#waiting.push(entry);
    if (this.#waiting.length <= MAX_QUEUE_LENGTH) return;
    this.#waiting.shift();
    this.#dropped += 1;
  }

  /** Writes entries until `signal` aborts, then the remaining ones, for at most LAST_FLUSH_MS. */
  async run(signal: AbortSignal): Promise<void> {
    const over = new AbortController();
    const limit = async (): Promise<void> => {
      await whenAborted(signal);
      await this.#clock.sleep(LAST_FLUSH_MS, over.signal);
    };
    await Promise.race([this.#writeAll(signal, over.signal), limit()]);
    over.abort();
    const entries = this.#waiting.length;
    if (entries > 0)
      this.#logger.error(
        { entries },
        'the last audit entries could not be written to the database; only this log has them',
      );
  }

  async #writeAll(signal: AbortSignal, over: AbortSignal): Promise<void> {
    const is = (ended: AbortSignal): boolean => ended.aborted;
    while (!is(signal)) {
      await this.#clock.sleep(FLUSH_INTERVAL_MS, signal);
      await this.#flush();
      this.#logOmitted();
    }
    while (this.#waiting.length > 0 && !is(over)) {
      await this.#clock.sleep(LAST_FLUSH_RETRY_MS, over);
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

  #logOmitted(): void {
    const { inAll, logged, nextLogAt } = this.#omitted;
    const now = this.#clock.monotonic();
    if (inAll === logged || now < nextLogAt) return;
    this.#logger.warn(
      { entries: inAll - logged },
      'refused requests were not recorded in the audit log: there were too many of them',
    );
    this.#omitted = { inAll, logged: inAll, nextLogAt: now + OMITTED_LOG_MS };
  }
}
