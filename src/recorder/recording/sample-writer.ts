import type { Sample, Store } from '../../store/store.ts';
import type { SampleBuffer } from './sample-buffer.ts';
import type { Task } from '../task.ts';

/** Rows per call of the store. */
const BATCH_ROWS = 1_000;
const WRITE_INTERVAL_MS = 1_000;

/** Notified of each batch, for metrics. */
export interface WriterObserver {
  written(samples: number): void;
  failed(): void;
}

/** Writes samples from the buffer to the database in batches. A batch that could not be written is retried. */
export class SampleWriter implements Task {
  readonly name = 'samples';
  readonly everyMs = WRITE_INTERVAL_MS;
  readonly #buffer: SampleBuffer;
  readonly #store: Pick<Store, 'addSamples'>;
  readonly #observer: WriterObserver;
  /** The batch that has left the buffer and is not written yet. */
  #open: readonly Sample[] = [];

  constructor(buffer: SampleBuffer, store: Pick<Store, 'addSamples'>, observer: WriterObserver) {
    this.#buffer = buffer;
    this.#store = store;
    this.#observer = observer;
  }

  /** Time of the oldest sample that is not written. */
  get oldest(): Date | undefined {
    return this.#open[0]?.at ?? this.#buffer.oldest;
  }

  get waiting(): number {
    return this.#buffer.size + this.#open.length;
  }

  async run(): Promise<boolean> {
    const batch = this.#open.length > 0 ? this.#open : this.#buffer.take(BATCH_ROWS);
    if (batch.length === 0) return false;
    this.#open = batch;
    const leftOut = await this.#store.addSamples(batch).catch((error: unknown) => {
      this.#observer.failed();
      throw error;
    });
    this.#open = [];
    this.#buffer.lose(leftOut);
    this.#observer.written(batch.length - leftOut.length);
    return this.waiting >= BATCH_ROWS;
  }
}
