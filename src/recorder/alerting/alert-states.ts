import type { AlertKind } from '../../api/alerts.ts';
import type { AlertSubject } from '../../store/store.ts';
import { nextAlertState, openAlert, type AlertInput, type AlertRule, type AlertState } from './rule.ts';

interface Entry {
  readonly kind: AlertKind;
  readonly subject: AlertSubject;
  readonly state: AlertState;
}

export interface AlertAction {
  readonly action: 'raise' | 'resolve';
  readonly kind: AlertKind;
  readonly subject: AlertSubject;
}

/** The states of all alerts that are open, or whose cause is not old enough yet. Everything else needs no memory. */
export class AlertStates {
  readonly #entries = new Map<string, Entry>();

  isOpen(kind: AlertKind, subject: AlertSubject): boolean {
    return this.#entries.get(keyOf(kind, subject))?.state.phase === 'open';
  }

  /** An alert that is open in the database. */
  adopt(kind: AlertKind, subject: AlertSubject): void {
    if (!this.isOpen(kind, subject))
      this.#entries.set(keyOf(kind, subject), { kind, subject, state: openAlert });
  }

  step(
    rule: Pick<AlertRule<never>, 'kind' | 'raiseAfterMs' | 'resolveAfterMs'>,
    subject: AlertSubject,
    input: AlertInput,
    now: number,
  ): AlertAction | undefined {
    const { kind } = rule;
    const key = keyOf(kind, subject);
    const before = this.#entries.get(key);
    if (before === undefined && !input.hasCause) return undefined;
    const { state, action } = nextAlertState(before?.state, input, rule, now);
    if (state === undefined) this.#entries.delete(key);
    // What was raised is resolved by the same name, even if the channel has another platform by then.
    else this.#entries.set(key, { kind, subject: before?.subject ?? subject, state });
    return action === undefined ? undefined : { action, kind, subject: before?.subject ?? subject };
  }

  /** Forgets all subjects but these, and resolves their alerts. */
  removeOthers(exists: (subject: AlertSubject) => boolean): readonly AlertAction[] {
    const gone = [...this.#entries].filter(([, { subject }]) => !exists(subject));
    for (const [key] of gone) this.#entries.delete(key);
    return gone.flatMap(([, { kind, subject, state }]) =>
      state.phase === 'open' ? [{ action: 'resolve', kind, subject } as const] : [],
    );
  }
}

const keyOf = (kind: AlertKind, subject: AlertSubject): string => `${kind} ${subjectKey(subject)}`;

/** A name of the channel or platform that no other one has. */
export const subjectKey = ({ namespace, channelId, platform }: AlertSubject): string =>
  channelId === undefined ? `platform ${platform ?? ''}` : `channel ${namespace ?? ''} ${channelId}`;
