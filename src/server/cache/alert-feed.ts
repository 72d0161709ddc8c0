import type { Clock } from '../../base/clock.ts';
import type { Logger } from '../../base/logger.ts';
import type { Alert, Store } from '../../store/store.ts';
import { Poller } from './poller.ts';

const POLL_INTERVAL_MS = 5_000;
/** A resolved alert is sent to new subscribers for this time: a stream lasts at most a quarter of an hour. */
const RECENT_MS = 1_800_000;
const MAX_CHANGES_PER_POLL = 500;
const MAX_ALERTS = 2_000;

/** The open alerts of the namespace and of platforms, and those that were resolved recently; read from the database. */
export class AlertFeed {
  readonly #namespace: string;
  readonly #clock: Clock;
  /** undefined: there is no database. */
  readonly #poller: Poller | undefined;
  readonly #subscribers = new Set<(alert: Alert) => void>();
  /** By id, in the order of their last change. */
  readonly #alerts = new Map<string, Alert>();
  #newest: number | undefined;

  constructor({
    store,
    namespace,
    clock,
    logger,
  }: {
    readonly store: Pick<Store, 'alerts' | 'alertChanges'> | undefined;
    readonly namespace: string;
    readonly clock: Clock;
    readonly logger: Logger;
  }) {
    this.#namespace = namespace;
    this.#clock = clock;
    this.#poller =
      store &&
      new Poller({
        ...{ clock, logger, everyMs: POLL_INTERVAL_MS },
        read: () => this.#read(store),
        failed: 'alerts cannot be read',
        recovered: 'alerts can be read again',
      });
  }

  /** In the order of their last change. */
  current(): readonly Alert[] {
    return [...this.#alerts.values()];
  }

  /** Those that are not resolved; undefined: unknown, because there is no database or it has not been read yet. */
  open(): readonly Alert[] | undefined {
    return this.#newest === undefined
      ? undefined
      : this.current().filter(({ resolvedAt }) => resolvedAt === undefined);
  }

  /** Calls `subscriber` with each alert that is raised or resolved; returns a function that unsubscribes. */
  subscribe(subscriber: (alert: Alert) => void): () => void {
    this.#subscribers.add(subscriber);
    return () => this.#subscribers.delete(subscriber);
  }

  async run(signal: AbortSignal): Promise<void> {
    await this.#poller?.run(signal);
  }

  async #read(store: Pick<Store, 'alerts' | 'alertChanges'>): Promise<void> {
    if (this.#newest === undefined) {
      // The place first: what changes between the two reads is then sent twice, and nothing is left out.
      const { newest } = await store.alertChanges(this.#namespace, undefined, 0);
      const open = await store.alerts({ namespace: this.#namespace, open: true, most: MAX_ALERTS });
      for (const alert of open.toReversed()) this.#alerts.set(alert.id, alert);
      this.#newest = newest;
    }
    const { changes, newest } = await store.alertChanges(this.#namespace, this.#newest, MAX_CHANGES_PER_POLL);
    this.#newest = newest;
    for (const { alert } of changes) this.#changed(alert);
    this.#forgetOld();
  }

  #changed(alert: Alert): void {
    this.#alerts.delete(alert.id);
    this.#alerts.set(alert.id, alert);
    for (const notify of this.#subscribers) notify(alert);
  }

  #forgetOld(): void {
    const since = this.#clock.now().getTime() - RECENT_MS;
    for (const { id, resolvedAt } of this.#alerts.values())
      if (resolvedAt !== undefined && resolvedAt.getTime() < since) this.#alerts.delete(id);
    for (const id of this.#alerts.keys()) {
      if (this.#alerts.size <= MAX_ALERTS) return;
      this.#alerts.delete(id);
    }
  }
}
