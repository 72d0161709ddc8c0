import type { AlertKind } from '../../api/alerts.ts';
import type { AlertSubject } from '../../store/store.ts';
import { nextAlertState, openAlert, type AlertInput, type AlertRule, type AlertState } from './rule.ts';

export interface AlertAction {
  readonly action: 'raise' | 'resolve';
  readonly kind: AlertKind;
  readonly subject: AlertSubject;
}

interface Entry {
  readonly subject: AlertSubject;
  readonly state: AlertState;
}

/** The states of all alerts that are open, or whose cause is not old enough yet. Everything else needs no memory. */
export class AlertStates {
  /** By the key of the channel or platform, and by kind. No entry is empty. */
  readonly #entries = new Map<string, Map<AlertKind, Entry>>();

  /** Whether anything is remembered of the channel or platform. */
  has(key: string): boolean {
    return this.#entries.has(key);
  }

  isOpen(kind: AlertKind, key: string): boolean {
    return this.#entries.get(key)?.get(kind)?.state.phase === 'open';
  }

  /** An alert that is open in the database. */
  adopt(kind: AlertKind, subject: AlertSubject): void {
    const key = subjectKey(subject);
    if (!this.isOpen(kind, key)) this.#set(key, kind, { subject, state: openAlert });
  }

  step(
    rule: Pick<AlertRule<never>, 'kind' | 'raiseAfterMs' | 'resolveAfterMs'>,
    subject: AlertSubject,
    input: AlertInput,
    now: number,
  ): AlertAction | undefined {
    const { kind } = rule;
    const key = subjectKey(subject);
    const before = this.#entries.get(key)?.get(kind);
    if (before === undefined && !input.hasCause) return undefined;
    const { state, action } = nextAlertState(before?.state, input, rule, now);
    this.#set(key, kind, state === undefined ? undefined : { subject, state });
    return action === undefined ? undefined : { action, kind, subject };
  }

  /** Forgets all subjects but these, and resolves their alerts. */
  removeOthers(exists: (key: string) => boolean): readonly AlertAction[] {
    const gone = [...this.#entries].filter(([key]) => !exists(key));
    for (const [key] of gone) this.#entries.delete(key);
    return gone.flatMap(([, kinds]) =>
      [...kinds].flatMap(([kind, { subject, state }]) =>
        state.phase === 'open' ? [{ action: 'resolve', kind, subject } as const] : [],
      ),
    );
  }

  #set(key: string, kind: AlertKind, entry: Entry | undefined): void {
    const kinds = this.#entries.get(key) ?? new Map<AlertKind, Entry>();
    if (entry === undefined) kinds.delete(kind);
    else kinds.set(kind, entry);
    if (kinds.size === 0) this.#entries.delete(key);
    else this.#entries.set(key, kinds);
  }
}

/** A name of the channel or platform that no other one has. */
export const subjectKey = ({ namespace, channelId, platform }: AlertSubject): string =>
  channelId === undefined ? `platform ${platform ?? ''}` : `channel ${namespace ?? ''} ${channelId}`;
