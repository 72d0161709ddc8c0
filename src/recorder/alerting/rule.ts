import type { AlertKind } from '../../api/alerts.ts';

/** How an alert of one kind is raised and resolved. Rules are data: each is a line in channel-rules or platform-rules. */
export interface AlertRule<Observed> {
  readonly kind: AlertKind;
  /** The cause must persist for this time before the alert is raised, and be absent for `resolveAfterMs` before it is resolved. */
  readonly raiseAfterMs: number;
  readonly resolveAfterMs: number;
  /**
   * The message for as long as there is cause for the alert; undefined: there is none. A rule with two thresholds uses the
   * lower one while the alert is open, so that a value between them does not raise and resolve it repeatedly.
   */
  readonly cause: (observed: Observed, isOpen: boolean) => string | undefined;
}

/** What is remembered of one kind of alert of one channel or platform; undefined: no alert, and no cause. */
export type AlertState =
  | { readonly phase: 'pending'; readonly since: number }
  | { readonly phase: 'open'; readonly clearSince: number | undefined };

export interface AlertStep {
  readonly state: AlertState | undefined;
  readonly action?: 'raise' | 'resolve';
}

export interface AlertInput {
  readonly hasCause: boolean;
  /** Another alert stands for this one: it is not raised now. One that is open stays open until its cause is gone. */
  readonly heldBack: boolean;
}

/** The next state of an alert, and what to do. `now` is monotonic, in milliseconds. */
export function nextAlertState(
  state: AlertState | undefined,
  { hasCause, heldBack }: AlertInput,
  { raiseAfterMs, resolveAfterMs }: Pick<AlertRule<never>, 'raiseAfterMs' | 'resolveAfterMs'>,
  now: number,
): AlertStep {
  if (state?.phase === 'open') {
    if (hasCause) return { state: state.clearSince === undefined ? state : openAlert };
    const clearSince = state.clearSince ?? now;
    return now - clearSince >= resolveAfterMs
      ? { state: undefined, action: 'resolve' }
      : { state: { phase: 'open', clearSince } };
  }
  // The hold begins again when the alert is no longer held back.
  if (!hasCause || heldBack) return { state: undefined };
  const since = state?.since ?? now;
  return now - since >= raiseAfterMs
    ? { state: openAlert, action: 'raise' }
    : { state: { phase: 'pending', since } };
}

/** The state of an alert that was raised, here or by a previous leader. */
export const openAlert: AlertState = { phase: 'open', clearSince: undefined };
