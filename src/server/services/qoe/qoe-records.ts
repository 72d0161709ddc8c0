import type { Clock } from '../../../base/clock.ts';
import type { Logger } from '../../../base/logger.ts';
import type { QoeBatch, QoePlayers, QoeRow, QoeSums, Store } from '../../../store/store.ts';
import { OutageLog } from '../../cache/outage-log.ts';
import { QoeBook } from './qoe-book.ts';
import type { QoePeriod } from './qoe-view.ts';
import type { PlayerCounts } from './qoe-players.ts';

/** How often replicas exchange their numbers of players. */
const EXCHANGE_MS = 10_000;
/** Sums are written with every sixth exchange: once a minute. */
const EXCHANGES_PER_WRITE = 6;
/** Numbers of other replicas that could not be read for this time are dropped. */
const OTHERS_VALID_MS = 60_000;
/** Rows per statement, which is then a few megabytes. */
const BATCH_ROWS = 5_000;

export type QoeStore = Pick<Store, 'addQoe' | 'qoe' | 'exchangeQoePlayers'>;

export interface QoeRecordsParts {
  /** undefined: everything stays in the memory of this replica. */
  readonly store: QoeStore | undefined;
  readonly namespace: string;
  /** Name of this process. */
  readonly replica: string;
  /** Players that report to this replica, by channel. */
  readonly players: () => Iterable<PlayerCounts & { readonly channelId: string }>;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** What players reported to all replicas, by way of the database; without one, to this replica. */
export class QoeRecords {
  readonly #parts: QoeRecordsParts;
  readonly #book: QoeBook;
  #batch = 0;
  /** Batches to be written, the first of which may be written already without an answer. */
  #queue: QoeBatch[] = [];
  /** Batches of the last round of writing: a read that began before may lack them. */
  #written: QoeBatch[] = [];
  #others: ReadonlyMap<string, QoePlayers> = new Map();
  #othersReadMs = -Infinity;
  /** Channels whose numbers the database has from this replica. */
  #published: ReadonlySet<string> = new Set();
  readonly #outage: OutageLog;

  constructor(parts: QoeRecordsParts) {
    this.#parts = parts;
    this.#book = new QoeBook(() => parts.clock.now());
    this.#outage = new OutageLog({
      logger: parts.logger,
      failed: 'reports of players wait for the database',
      recovered: 'reports of players are written again',
    });
  }

  add(key: Pick<QoeRow, 'channelId' | 'platform' | 'browser'>, sums: QoeSums): void {
    this.#book.add(key, sums);
  }

  forget(channelId: string): void {
    this.#book.forget(channelId);
  }

  /** Rows of minutes or whole steps, in any order. @throws StoreError */
  async rows(channelId: string, { from, to, stepSeconds }: QoePeriod): Promise<readonly QoeRow[]> {
    const { store, namespace, replica } = this.#parts;
    const stored = await store?.qoe({ namespace, channelId, from, to, stepSeconds, replica });
    const unread = [...this.#written, ...this.#queue].filter(({ batch }) => batch > (stored?.batch ?? 0));
    const own = [...unread.flatMap(({ rows }) => rows), ...this.#book.rows()];
    return [
      ...(stored?.rows ?? []),
      ...own.filter((row) => row.channelId === channelId && row.at >= from && row.at < to),
    ];
  }

  /** Players of the channel that report to other replicas, as of `ageSeconds` ago; undefined: unknown. */
  elsewhere(channelId: string): Omit<QoePlayers, 'channelId'> | undefined {
    const { store, clock } = this.#parts;
    const nobody = { connected: 0, watching: 0, ageSeconds: 0 };
    if (store === undefined) return nobody;
    const readAgoMs = clock.monotonic() - this.#othersReadMs;
    if (readAgoMs >= OTHERS_VALID_MS) return undefined;
    const others = this.#others.get(channelId);
    if (others === undefined) return nobody;
    const { connected, watching, ageSeconds } = others;
    return { connected, watching, ageSeconds: ageSeconds + readAgoMs / 1_000 };
  }

  /** Writes until `signal` aborts, and then once more, with no players any longer. */
  async run(signal: AbortSignal): Promise<void> {
    const { store, clock } = this.#parts;
    if (store === undefined) return;
    const stopped = (): boolean => signal.aborted;
    for (let round = 0; ; round = (round + 1) % EXCHANGES_PER_WRITE) {
      const leaving = stopped();
      await this.#outage.run(async () => {
        await this.#exchange(store, leaving);
        if (leaving || round === EXCHANGES_PER_WRITE - 1) await this.#write(store);
      });
      if (leaving) return;
      await clock.sleep(EXCHANGE_MS, signal);
    }
  }

  async #exchange(store: QoeStore, leaving: boolean): Promise<void> {
    const { namespace, replica, players, clock } = this.#parts;
    const now = new Map(leaving ? [] : [...players()].map((counts) => [counts.channelId, counts]));
    const own = [...new Set([...this.#published, ...now.keys()])].map(
      (channelId) => now.get(channelId) ?? { channelId, connected: 0, watching: 0 },
    );
    const others = await store.exchangeQoePlayers(namespace, replica, own);
    this.#published = new Set(now.keys());
    this.#others = new Map(others.map((counts) => [counts.channelId, counts]));
    this.#othersReadMs = clock.monotonic();
  }

  async #write(store: QoeStore): Promise<void> {
    // What the last round could not write comes first, under its number.
    if (this.#queue.length === 0) this.#fillQueue();
    this.#written = [];
    for (let [next] = this.#queue; next !== undefined; [next] = this.#queue) {
      await store.addQoe(next);
      this.#queue.shift();
      this.#written.push(next);
    }
  }

  #fillQueue(): void {
    const { namespace, replica } = this.#parts;
    const rows = this.#book.take();
    for (let first = 0; first < rows.length; first += BATCH_ROWS) {
      this.#batch += 1;
      const some = rows.slice(first, first + BATCH_ROWS);
      this.#queue.push({ namespace, replica, batch: this.#batch, rows: some });
    }
  }
}
