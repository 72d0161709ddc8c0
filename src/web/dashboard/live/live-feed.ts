import type { DashboardService } from '../service/dashboard-service.ts';
import { EventBatch } from './event-batch.ts';
import type { LiveCache } from './live-cache.ts';
import { serviceDelayMs } from '../../player/channel/service-backoff.ts';

/** connecting: for the first time. down: it was open, or could not be opened. */
export type Connection = 'connecting' | 'open' | 'down';

export interface LiveFeedParts {
  readonly service: Pick<DashboardService, 'events'>;
  readonly cache: Pick<LiveCache, 'apply' | 'readAgain'>;
  readonly onFrame: (callback: () => void) => void;
  readonly random: () => number;
  /** The stream ended: the session may have ended with it. */
  readonly onEnd: () => void;
}

/** The one stream of events of the page. It resumes after the last event, and connects again with growing pauses. */
export class LiveFeed {
  readonly #parts: LiveFeedParts;
  readonly #batch: EventBatch;
  readonly #listeners = new Set<() => void>();
  #connection: Connection = 'connecting';
  #lastEventId: string | undefined;
  #failures = 0;
  #wasOpen = false;
  #unsubscribe: (() => void) | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(parts: LiveFeedParts) {
    this.#parts = parts;
    this.#batch = new EventBatch(parts.onFrame, (events) => parts.cache.apply(events));
  }

  get connection(): Connection {
    return this.#connection;
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  start(): void {
    this.#unsubscribe?.();
    this.#unsubscribe = this.#parts.service.events(this.#lastEventId, {
      onOpen: () => this.#opened(),
      onEvent: (event) => {
        this.#lastEventId = event.id;
        this.#batch.add(event);
      },
      onInterrupted: () => this.#set('down'),
      onEnd: () => this.#ended(),
    });
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#unsubscribe?.();
    this.#unsubscribe = undefined;
    this.#lastEventId = undefined;
    this.#wasOpen = false;
    this.#set('connecting');
  }

  #opened(): void {
    if (this.#connection === 'open') return;
    this.#failures = 0;
    if (this.#wasOpen) this.#parts.cache.readAgain();
    this.#wasOpen = true;
    this.#set('open');
  }

  #ended(): void {
    this.#unsubscribe?.();
    this.#unsubscribe = undefined;
    this.#failures += 1;
    this.#set('down');
    this.#parts.onEnd();
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.start(), serviceDelayMs(this.#failures, this.#parts.random));
  }

  #set(connection: Connection): void {
    if (this.#connection === connection) return;
    this.#connection = connection;
    for (const listener of this.#listeners) listener();
  }
}
