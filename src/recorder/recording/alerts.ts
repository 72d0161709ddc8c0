import type { Alert, ChannelKey, Store } from '../../store/store.ts';
import type { Task } from '../task.ts';

/** Maximum number of alerts and resolutions kept while the database is unavailable; further ones are dropped. */
const MAX_QUEUE_LENGTH = 10_000;

const nameOf = (key: ChannelKey, occasion: string): string => `${key.namespace}/${key.channelId}/${occasion}`;

/** Queue of alerts for the database, which stores each occasion once, however often it is raised. */
export class Alerts implements Task {
  readonly name = 'alerts';
  readonly everyMs = 1_000;
  readonly #store: Pick<Store, 'raiseAlert' | 'resolveAlert'>;
  readonly #onRaised: (alert: Alert) => void;
  /** In order; an entry replaces an earlier one of the same name. */
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
    for (const [name, write] of this.#waiting) {
      await write();
      if (this.#waiting.get(name) === write) this.#waiting.delete(name);
    }
    return false;
  }

  #add(name: string, write: () => Promise<void>): void {
    this.#waiting.delete(name);
    if (this.#waiting.size < MAX_QUEUE_LENGTH) this.#waiting.set(name, write);
  }
}
