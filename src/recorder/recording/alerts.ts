import type { Alert, ChannelKey, Store } from '../../store/store.ts';
import type { Task } from '../task.ts';

/** More than so many are not kept while the database is away. */
const mostWaiting = 10_000;

const nameOf = (key: ChannelKey, occasion: string): string => `${key.namespace}/${key.channelId}/${occasion}`;

/** Alerts on their way to the database, which tells each occasion once however often it is said. */
export class Alerts implements Task {
  readonly name = 'alerts';
  readonly everyMs = 1_000;
  readonly #store: Pick<Store, 'raiseAlert' | 'resolveAlert'>;
  readonly #onRaised: (alert: Alert) => void;
  /** In order; one of a name takes the place of an earlier one. */
  readonly #waiting = new Map<string, () => Promise<void>>();

  constructor(store: Pick<Store, 'raiseAlert' | 'resolveAlert'>, onRaised: (alert: Alert) => void) {
    this.#store = store;
    this.#onRaised = onRaised;
  }

  raise(alert: Omit<Alert, 'id' | 'resolvedAt'>): void {
    this.#add(`${nameOf(alert, alert.occasion)}/raised`, async () => {
      const raised = await this.#store.raiseAlert(alert);
      if (raised !== undefined) this.#onRaised(raised);
    });
  }

  resolve(key: ChannelKey, occasion: string, at: Date): void {
    this.#add(`${nameOf(key, occasion)}/resolved`, () => this.#store.resolveAlert(key, occasion, at));
  }

  async run(): Promise<boolean> {
    for (const [name, tell] of this.#waiting) {
      await tell();
      if (this.#waiting.get(name) === tell) this.#waiting.delete(name);
    }
    return false;
  }

  #add(name: string, tell: () => Promise<void>): void {
    this.#waiting.delete(name);
    if (this.#waiting.size < mostWaiting) this.#waiting.set(name, tell);
  }
}
