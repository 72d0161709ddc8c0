import { BoundedMap } from '../../base/bounded-map.ts';
import type { Logger } from '../../base/logger.ts';
import { oneLine } from '../../base/one-line.ts';
import type { RefusedRow, UnwrittenChannels } from '../../store/store.ts';

/** Rows whose message is remembered, so that it is logged once and not with every attempt. */
const MAX_REMEMBERED = 1_000;
const MAX_ID = 100;

export type AppTable = 'channels' | 'stream_metrics';

/** Counts what could not be written into the tables of the app. */
export interface UnwrittenCounts {
  refused(table: AppTable, rows: number): void;
  tooLong(column: string, values: number): void;
}

/** Counts and logs rows and values that the app's tables do not accept. */
export class Unwritten {
  readonly #logger: Pick<Logger, 'warn'>;
  readonly #counts: UnwrittenCounts;
  readonly #logged = new BoundedMap<string, string>(MAX_REMEMBERED);

  constructor(logger: Pick<Logger, 'warn'>, counts: UnwrittenCounts) {
    this.#logger = logger;
    this.#counts = counts;
  }

  channels({ refused, tooLong }: UnwrittenChannels): void {
    this.rows('channels', refused);
    for (const [column, values] of tooLong) {
      this.#counts.tooLong(column, values);
      this.#once(`channels.${column}`, 'too long', () => {
        this.#logger.warn(
          { table: 'channels', column },
          'value is longer than the column of the app; wrote null',
        );
      });
    }
  }

  rows(table: AppTable, refused: readonly RefusedRow[]): void {
    if (refused.length > 0) this.#counts.refused(table, refused.length);
    for (const { channelId, message } of refused)
      this.#once(`${table}/${channelId}`, message, () => {
        const channel = oneLine(channelId, MAX_ID);
        this.#logger.warn(
          { table, channel, error: message },
          'the database refused a row of the app; others are written',
        );
      });
  }

  #once(what: string, message: string, log: () => void): void {
    if (this.#logged.get(what) === message) return;
    this.#logged.set(what, message);
    log();
  }
}
