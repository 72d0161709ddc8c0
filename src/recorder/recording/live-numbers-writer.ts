import type { LiveChannel } from '../../api/live-channel.ts';
import type { Clock } from '../../base/clock.ts';
import { keyText } from '../../store/channel-key-text.ts';
import type { LiveRow, Store } from '../../store/store.ts';
import type { Task } from '../task.ts';
import { isKnown, liveRowOf } from './live-row.ts';
import type { Seen } from './take-sample.ts';

const WRITE_INTERVAL_MS = 1_000;
/** A row that has not changed is written again after this time: with the interval, well before it is out of date. */
const REFRESH_AFTER_MS = 4_000;
/** Rows per write, which is then one or two megabytes. Those that were not written for the longest time come first. */
const MAX_ROWS_PER_WRITE = 5_000;

export interface LiveNumbersWriterOptions {
  readonly clock: Pick<Clock, 'now' | 'monotonic'>;
  readonly store: Pick<Store, 'setLiveNumbers'>;
  readonly channels: { list(): readonly LiveChannel[] };
  readonly see: (channel: LiveChannel, now: Date) => Seen;
  readonly onWritten: (rows: number) => void;
}

/** What was last written of a channel, and when (monotonic clock). */
interface Written {
  readonly text: string;
  readonly at: number;
}

/**
 * Writes what is measured now, for the service. One write at a time, and nothing waits for it: what could not be written is
 * out of date, and the next write has the newest. Rows of channels that are off air or gone are no longer written, so
 * that the store deletes them.
 */
export class LiveNumbersWriter implements Task {
  readonly name = 'live-numbers';
  readonly everyMs = WRITE_INTERVAL_MS;
  readonly #options: LiveNumbersWriterOptions;
  #written: ReadonlyMap<string, Written> = new Map();
  #lastWriteAt = -Infinity;

  constructor(options: LiveNumbersWriterOptions) {
    this.#options = options;
  }

  async run(): Promise<boolean> {
    const { clock, store, onWritten } = this.#options;
    const began = clock.monotonic();
    const all = this.#rows();
    const due = dueRows(all, this.#written, began);
    // Without rows, a write deletes those of channels that are no longer on air.
    if (due.length === 0 && began - this.#lastWriteAt < REFRESH_AFTER_MS) return false;
    await store.setLiveNumbers(due.map(({ row }) => row));
    onWritten(due.length);
    this.#lastWriteAt = began;
    const written = new Map(due.map(({ key, text }) => [key, { text, at: began }]));
    this.#written = new Map(
      all.flatMap(({ key }) => {
        const last = written.get(key) ?? this.#written.get(key);
        return last === undefined ? [] : [[key, last]];
      }),
    );
    return false;
  }

  #rows(): readonly Row[] {
    const { clock, channels, see } = this.#options;
    const now = clock.now();
    return channels.list().flatMap((channel) => {
      const row = liveRowOf(channel, see(channel, now), now);
      if (row === undefined) return [];
      return [
        { key: keyText(row), row, text: JSON.stringify([row.agoraViewers, row.hlsViewers, row.report]) },
      ];
    });
  }
}

interface Row {
  readonly key: string;
  readonly row: LiveRow;
  /** What changes are detected by: everything but the time. */
  readonly text: string;
}

/** Rows to write now. Of a channel of which nothing is known, only that this is so now, once. */
export function dueRows(
  rows: readonly Row[],
  written: ReadonlyMap<string, Written>,
  now: number,
): readonly Row[] {
  const at = ({ key }: Row): number => written.get(key)?.at ?? -Infinity;
  const due = rows.filter((each) => {
    const last = written.get(each.key);
    if (!isKnown(each.row)) return last !== undefined && last.text !== each.text;
    return last?.text !== each.text || now - last.at >= REFRESH_AFTER_MS;
  });
  if (due.length <= MAX_ROWS_PER_WRITE) return due;
  return due.toSorted((one, other) => (at(one) < at(other) ? -1 : 1)).slice(0, MAX_ROWS_PER_WRITE);
}
