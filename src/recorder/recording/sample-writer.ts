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

/** Writes samples from the buffer to the database in batches. A batch that could not be written is retried unchanged. */
export class SampleWriter implements Task {
  readonly name = 'samples';
  readonly everyMs = WRITE_INTERVAL_MS;
  readonly #buffer: SampleBuffer;
  readonly #store: Pick<Store, 'addSamples'>;
  readonly #observer: WriterObserver;
  /** Batches that have left the buffer and are not written yet, oldest first. */
  readonly #open: (readonly Sample[])[] = [];

  constructor(buffer: SampleBuffer, store: Pick<Store, 'addSamples'>, observer: WriterObserver) {
    this.#buffer = buffer;
    this.#store = store;
    this.#observer = observer;
  }

  /** Time of the oldest sample that is not written. */
  get oldest(): Date | undefined {
    return this.#open[0]?.[0]?.at ?? this.#buffer.oldest;
  }

  get waiting(): number {
    return this.#buffer.size + this.#open.reduce((sum, { length }) => sum + length, 0);
  }

  async run(): Promise<boolean> {
    const batch = this.#open.shift() ?? this.#buffer.take(BATCH_ROWS);
    if (batch.length === 0) return false;
    try {
      await this.#store.addSamples(batch);
    } catch (error) {
      this.#observer.failed();
      if (!isInvalid(error)) this.#open.unshift(batch);
      else if (this.#halved(batch)) return true;
      throw error;
    }
    this.#observer.written(batch.length);
    return this.waiting >= BATCH_ROWS || this.#open.length > 0;
  }

  /**
   * Splits a batch that the database rejects as invalid, so that its valid samples are still written. Returns false for a
   * single sample, which is lost.
   */
  #halved(batch: readonly Sample[]): boolean {
    if (batch.length === 1) {
      this.#buffer.lose(batch);
      return false;
    }
    const middle = Math.ceil(batch.length / 2);
    this.#open.unshift(batch.slice(0, middle), batch.slice(middle));
    return true;
  }
}

function isInvalid(error: unknown): boolean {
  return error instanceof Error && 'reason' in error && error.reason === 'Invalid';
}
