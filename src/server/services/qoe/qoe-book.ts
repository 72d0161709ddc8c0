import type { QoeRow, QoeSums } from '../../../store/store.ts';
import { emptySums, plus } from './qoe-sums.ts';

const MINUTE_MS = 60_000;
/** How long sums are kept that are not written. */
const MINUTES = 60;
/** Rows of all minutes together: some 30 MB. Beyond it, the oldest minutes are dropped. */
const MAX_ROWS = 100_000;

/** Sums of reports by minute, channel, platform and browser that are in no database, for an hour. */
export class QoeBook {
  readonly #now: () => Date;
  /** By minute since the epoch, oldest first, then by key. */
  readonly #minutes = new Map<number, Map<string, QoeRow>>();
  #rows = 0;

  constructor(now: () => Date) {
    this.#now = now;
  }

  add(key: Pick<QoeRow, 'channelId' | 'platform' | 'browser'>, sums: QoeSums): void {
    this.#prune();
    const minute = this.#minute();
    const rows = this.#minutes.get(minute) ?? new Map<string, QoeRow>();
    this.#minutes.set(minute, rows);
    const { channelId, platform, browser } = key;
    const text = JSON.stringify([channelId, platform ?? null, browser]);
    const known = rows.get(text);
    if (known === undefined) this.#rows += 1;
    rows.set(text, {
      ...{ channelId, platform, browser, at: new Date(minute * MINUTE_MS) },
      sums: plus(known?.sums ?? emptySums, sums),
    });
  }

  rows(): QoeRow[] {
    this.#prune();
    return [...this.#minutes.values()].flatMap((rows) => [...rows.values()]);
  }

  /** Returns everything, and keeps nothing. */
  take(): QoeRow[] {
    const rows = this.rows();
    this.#minutes.clear();
    this.#rows = 0;
    return rows;
  }

  /** The channel is gone. */
  forget(channelId: string): void {
    for (const rows of this.#minutes.values())
      for (const [key, row] of rows) if (row.channelId === channelId && rows.delete(key)) this.#rows -= 1;
  }

  #minute(): number {
    return Math.floor(this.#now().getTime() / MINUTE_MS);
  }

  /** Drops minutes that are too old, and the oldest ones while there is too much. */
  #prune(): void {
    const oldest = this.#minute() - MINUTES + 1;
    for (const [minute, rows] of this.#minutes) {
      if (minute >= oldest && this.#rows <= MAX_ROWS) return;
      this.#minutes.delete(minute);
      this.#rows -= rows.size;
    }
  }
}
