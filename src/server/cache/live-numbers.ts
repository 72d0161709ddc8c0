import { z } from 'zod';
import type { ChannelId } from '../../api/channel-id.ts';
import { LIVE_NUMBERS_VALID_MS, relayNumbersSchema, type RelayNumbers } from '../../api/live-numbers.ts';
import type { Clock } from '../../base/clock.ts';
import type { Logger } from '../../base/logger.ts';
import type { Store, StoredLiveRow } from '../../store/store.ts';
import { Poller } from './poller.ts';

/** As often as the recorder writes. */
const POLL_INTERVAL_MS = 2_000;
/** Numbers are read for this time after a query for them. */
const ASKED_FOR_MS = 30_000;
/** How long a query waits for numbers that no query has requested before. */
const MAX_QUERY_WAIT_MS = 1_000;

/** What is measured of a channel now. undefined: unknown. */
export interface LiveNumber {
  /** When it was written, by the clock of the operator. */
  readonly at: Date;
  readonly agoraViewers: number | undefined;
  readonly hlsViewers: number | undefined;
  /** What the relay reported. */
  readonly relay: RelayNumbers | undefined;
}

const viewers = z.int().min(0).optional();
const rowSchema = z.object({
  agoraViewers: viewers,
  hlsViewers: viewers,
  report: relayNumbersSchema.optional(),
});

/**
 * What is measured of the channels of a namespace now, read from the database while there are subscribers or queries. What is
 * older than LIVE_NUMBERS_VALID_MS, or is not readable, is unknown.
 */
export class LiveNumbers {
  readonly #clock: Clock;
  readonly #logger: Logger;
  /** undefined: there is no database. */
  readonly #poller: Poller | undefined;
  readonly #subscribers = new Set<() => void>();
  #numbers: ReadonlyMap<ChannelId, LiveNumber & { readonly ageMs: number }> = new Map();
  #readAt: number | undefined;
  #triedAt = -Infinity;
  #askedAt = -Infinity;
  #hasUnreadable = false;

  constructor({
    store,
    namespace,
    clock,
    logger,
  }: {
    readonly store: Pick<Store, 'liveNumbers'> | undefined;
    readonly namespace: string;
    readonly clock: Clock;
    readonly logger: Logger;
  }) {
    this.#clock = clock;
    this.#logger = logger;
    this.#poller =
      store &&
      new Poller({
        ...{ clock, logger, everyMs: POLL_INTERVAL_MS },
        read: async () => {
          this.#triedAt = clock.monotonic();
          this.#keep(await store.liveNumbers(namespace));
        },
        failed: 'live numbers cannot be read',
        recovered: 'live numbers can be read again',
        isNeeded: () => this.#isAskedFor(),
        polled: () => {
          for (const notify of this.#subscribers) notify();
        },
      });
  }

  of(id: ChannelId): LiveNumber | undefined {
    const found = this.#numbers.get(id);
    if (found === undefined || this.#readAt === undefined) return undefined;
    const { at, agoraViewers, hlsViewers, relay, ageMs } = found;
    const age = ageMs + this.#clock.monotonic() - this.#readAt;
    if (age > LIVE_NUMBERS_VALID_MS) return undefined;
    // Both times are by the clock of the operator.
    const isRecent =
      relay !== undefined && age + at.getTime() - Date.parse(relay.at) <= LIVE_NUMBERS_VALID_MS;
    return { at, agoraViewers, hlsViewers, relay: isRecent ? relay : undefined };
  }

  /** Calls `subscriber` after each read, also if it failed; returns a function that unsubscribes. */
  subscribe(subscriber: () => void): () => void {
    this.#subscribers.add(subscriber);
    return () => this.#subscribers.delete(subscriber);
  }

  /** For a query: resolves when there are recent numbers, or when they have not come in time. */
  async refresh(): Promise<void> {
    const now = this.#clock.monotonic();
    this.#askedAt = now;
    if (this.#poller === undefined || now - this.#triedAt < POLL_INTERVAL_MS) return;
    const over = new AbortController();
    await Promise.race([this.#poller.poll(), this.#clock.sleep(MAX_QUERY_WAIT_MS, over.signal)]);
    over.abort();
  }

  /** Seconds since the last successful read; undefined before the first, and while no query requests them. */
  ageSeconds(): number | undefined {
    if (this.#readAt === undefined || !this.#isAskedFor()) return undefined;
    return (this.#clock.monotonic() - this.#readAt) / 1_000;
  }

  async run(signal: AbortSignal): Promise<void> {
    await this.#poller?.run(signal);
  }

  #isAskedFor(): boolean {
    return this.#subscribers.size > 0 || this.#clock.monotonic() - this.#askedAt < ASKED_FOR_MS;
  }

  #keep(rows: readonly StoredLiveRow[]): void {
    const parsed = rows.map((row) => ({ row, numbers: rowSchema.safeParse(row).data }));
    this.#numbers = new Map(
      parsed.flatMap(({ row: { channelId, at, ageMs }, numbers }) => {
        if (numbers === undefined) return [];
        const { agoraViewers, hlsViewers, report } = numbers;
        return [[channelId, { at, ageMs, agoraViewers, hlsViewers, relay: report }]];
      }),
    );
    this.#readAt = this.#clock.monotonic();
    const unreadable = parsed.find(({ numbers }) => numbers === undefined);
    if (unreadable !== undefined && !this.#hasUnreadable)
      this.#logger.warn(
        { channel: unreadable.row.channelId },
        'live numbers of channels are not readable: the operator may have another version than the service',
      );
    this.#hasUnreadable = unreadable !== undefined;
  }
}
