import { alertKindNames, type AlertKind } from '../../api/alerts.ts';
import type { Alert, AlertSubject, Store } from '../../store/store.ts';
import type { Task } from '../task.ts';

/** Maximum number of alerts and resolutions kept while the database is unavailable; further ones are dropped. */
const MAX_QUEUE_LENGTH = 10_000;

const nameOf = ({ namespace, channelId, platform }: AlertSubject, what: string): string =>
  `${namespace ?? ''}/${channelId ?? `platform ${platform ?? ''}`}/${what}`;

/** Queue of alerts for the database, which stores each occasion once, however often it is raised. */
export class Alerts implements Task {
  readonly name = 'alerts';
  readonly everyMs = 1_000;
  readonly #store: Pick<Store, 'raiseAlert' | 'resolveAlert' | 'resolveAlertOfKind'>;
  readonly #onRaised: (alert: Alert) => void;
  /** In order; an entry replaces an earlier one of the same name. */
  readonly #waiting = new Map<string, () => Promise<void>>();
  /** Kinds of the open alerts, by id. */
  #open = new Map<string, string>();

  constructor(
    store: Pick<Store, 'raiseAlert' | 'resolveAlert' | 'resolveAlertOfKind'>,
    onRaised: (alert: Alert) => void,
  ) {
    this.#store = store;
    this.#onRaised = onRaised;
  }

  /** Number of alerts and resolutions that are not in the database yet. */
  get waiting(): number {
    return this.#waiting.size;
  }

  raise(alert: Omit<Alert, 'id' | 'resolvedAt'>): void {
    this.#add(`${nameOf(alert, alert.occasion)}/raised`, async () => {
      const raised = await this.#store.raiseAlert(alert);
      if (raised === undefined) return;
      this.#open.set(raised.id, raised.kind);
      this.#onRaised(raised);
    });
  }

  resolve(subject: AlertSubject, occasion: string, at: Date): void {
    this.#add(`${nameOf(subject, occasion)}/resolved`, async () => {
      this.#closed(await this.#store.resolveAlert(subject, occasion, at));
    });
  }

  /** Resolves the open alert of a kind of which there is at most one. */
  resolveKind(subject: AlertSubject, kind: AlertKind, at: Date): void {
    this.#add(`${nameOf(subject, kind)}/${at.toISOString()}/resolved`, async () => {
      this.#closed(await this.#store.resolveAlertOfKind(subject, kind, at));
    });
  }

  /** The alerts that are open in the database. */
  restore(open: readonly Alert[]): void {
    this.#open = new Map(open.map(({ id, kind }) => [id, kind]));
  }

  /** The number of open alerts of each kind. */
  openByKind(): ReadonlyMap<AlertKind, number> {
    const kinds = [...this.#open.values()];
    return new Map(alertKindNames.map((kind) => [kind, kinds.filter((each) => each === kind).length]));
  }

  async run(): Promise<boolean> {
    for (const [name, write] of this.#waiting) {
      await write();
      if (this.#waiting.get(name) === write) this.#waiting.delete(name);
    }
    return false;
  }

  #closed(alert: Alert | undefined): void {
    if (alert !== undefined) this.#open.delete(alert.id);
  }

  #add(name: string, write: () => Promise<void>): void {
    this.#waiting.delete(name);
    if (this.#waiting.size < MAX_QUEUE_LENGTH) this.#waiting.set(name, write);
  }
}
