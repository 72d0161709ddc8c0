import type { Clock } from '../../base/clock.ts';
import type { AgoraMemberEvent, Store } from '../../store/store.ts';
import { ApiProblem } from '../problems.ts';

/** Events of one statement. */
const BATCH_EVENTS = 1_000;
/** Events that may wait while the database is slow; further ones are rejected, and Agora repeats them. */
const MAX_QUEUE_LENGTH = 20_000;

interface Waiting {
  readonly event: AgoraMemberEvent;
  readonly done: (isNewest: boolean) => void;
  readonly failed: (error: unknown) => void;
}

/**
 * Writes events of members in batches: those that arrive during a statement are written by the next one. A show that
 * begins brings thousands of events within seconds.
 */
export class PresenceWriter {
  readonly #store: Pick<Store, 'addAgoraEvents'>;
  readonly #clock: Pick<Clock, 'now'>;
  #waiting: Waiting[] = [];
  #isWriting = false;

  constructor(store: Pick<Store, 'addAgoraEvents'>, clock: Pick<Clock, 'now'>) {
    this.#store = store;
    this.#clock = clock;
  }

  /** Resolves when the event is stored: whether it is the newest of its user. @throws ApiProblem, StoreError */
  write(event: AgoraMemberEvent): Promise<boolean> {
    if (this.#waiting.length >= MAX_QUEUE_LENGTH) return Promise.reject(tooMany());
    return new Promise((done, failed) => {
      this.#waiting.push({ event, done, failed });
      if (!this.#isWriting) void this.#writeAll();
    });
  }

  async #writeAll(): Promise<void> {
    this.#isWriting = true;
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.splice(0, BATCH_EVENTS);
      try {
        const newest = await this.#store.addAgoraEvents(
          batch.map(({ event }) => event),
          this.#clock.now(),
        );
        batch.forEach(({ done }, index) => {
          done(newest[index] ?? false);
        });
      } catch (error) {
        for (const { failed } of batch) failed(error);
      }
    }
    this.#isWriting = false;
  }
}

function tooMany(): ApiProblem {
  return new ApiProblem(
    'store-unavailable',
    `The database is too slow: ${MAX_QUEUE_LENGTH} notifications of Agora wait to be stored.`,
    { retryAfterSeconds: 5 },
  );
}
