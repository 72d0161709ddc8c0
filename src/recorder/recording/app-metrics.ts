import { floorTo } from '../../store/roll-ups.ts';
import type { Clock } from '../../base/clock.ts';
import type { Logger } from '../../base/logger.ts';
import type { FilledMetrics, FillMetrics, RefusedRow, Store } from '../../store/store.ts';
import type { Task } from '../task.ts';

const MINUTE_MS = 60_000;
const INTERVAL_MS = 5_000;
/** Time after the end of a minute in which a previous leader may still write its last samples of it. */
const SETTLE_MS = 10_000;

export interface AppMetricsOptions {
  readonly clock: Pick<Clock, 'now'>;
  readonly logger: Pick<Logger, 'info' | 'warn'>;
  readonly store: Pick<Store, 'fillMetrics'>;
  readonly rows: FillMetrics['rows'];
  /** Time of the oldest sample that is not yet in the database. */
  readonly oldestWaiting: () => Date | undefined;
  readonly onFilled: (filled: FilledMetrics) => void;
  readonly onRefused: (rows: readonly RefusedRow[]) => void;
}

/**
 * Fills the app's own table `stream_metrics`, minute by minute. Apart from the samples themselves: a fault of that table
 * only delays its own rows.
 */
export class AppMetrics implements Task {
  readonly name = 'stream_metrics of the app';
  readonly everyMs = INTERVAL_MS;
  readonly #options: AppMetricsOptions;
  /** Unix milliseconds until which there is nothing to do. */
  #done = -Infinity;
  #state = '';

  constructor(options: AppMetricsOptions) {
    this.#options = options;
  }

  async run(): Promise<boolean> {
    const { clock, store, rows, oldestWaiting, onFilled, onRefused } = this.#options;
    const until = completeUntil(clock.now(), oldestWaiting());
    if (until.getTime() <= this.#done) return false;
    const filled = await store.fillMetrics({ until, rows });
    this.#logState(filled);
    onFilled(filled);
    onRefused(filled.refused);
    if (!filled.more) this.#done = until.getTime();
    return filled.more;
  }

  #logState({ table, problem = '' }: FilledMetrics): void {
    const state = `${table} ${problem}`;
    if (state === this.#state) return;
    this.#state = state;
    const { logger, rows } = this.#options;
    if (table === 'usable') logger.info({ rows }, "filling the app's table stream_metrics");
    else if (table !== 'own') logger.warn({ problem }, "the app's table stream_metrics is not filled");
  }
}

/** The end of the last minute of which every sample is in the database. */
export function completeUntil(now: Date, oldestWaiting: Date | undefined): Date {
  const until = Math.min(now.getTime() - SETTLE_MS, oldestWaiting?.getTime() ?? Infinity);
  return floorTo(MINUTE_MS, new Date(until));
}

/** The task that deletes old rows of the app's table. Separate from upkeep, which a fault of that table must not stop. */
export function appMetricsRetention(clock: Pick<Clock, 'now'>, store: Pick<Store, 'pruneMetrics'>): Task {
  return {
    name: 'retention of stream_metrics of the app',
    everyMs: 600_000,
    run: async () => {
      await store.pruneMetrics(clock.now());
      return false;
    },
  };
}
