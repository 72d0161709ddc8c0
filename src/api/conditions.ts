import { toKubeTime } from '../base/kube-time.ts';
import { oneLine } from '../base/one-line.ts';
import type { ConditionStatus } from './values.ts';

/** A metav1.Condition. */
export interface Condition {
  readonly type: string;
  readonly status: ConditionStatus;
  readonly observedGeneration?: number | undefined;
  /** RFC 3339, to the second. */
  readonly lastTransitionTime: string;
  readonly reason: string;
  readonly message: string;
}

/** A condition without the time of its last transition, which follows from the list that it is put into. */
export type ConditionDraft<T extends Condition = Condition> = Omit<T, 'lastTransitionTime'>;

/** Some messages quote what the API server or a platform answered, which can be of any length. */
const MAX_MESSAGE_LENGTH = 1_024;

/**
 * Returns the list with `draft` in it. `lastTransitionTime` changes only if the status changes, as the Kubernetes API
 * conventions require. The order and the other conditions are kept, and the message is shortened to one line; the passed
 * list is not modified.
 */
export function setCondition<T extends Condition>(
  conditions: readonly T[] | undefined,
  draft: ConditionDraft<T>,
  now: Date,
): T[];
export function setCondition(
  conditions: readonly Condition[] | undefined,
  draft: ConditionDraft,
  now: Date,
): Condition[] {
  const before = conditions ?? [];
  const old = findCondition(before, draft.type);
  const lastTransitionTime = old?.status === draft.status ? old.lastTransitionTime : toKubeTime(now);
  const message = oneLine(draft.message, MAX_MESSAGE_LENGTH);
  const condition = { ...draft, message, lastTransitionTime };
  return old === undefined
    ? [...before, condition]
    : before.map((each) => (each.type === draft.type ? condition : each));
}

/** Applies setCondition for each draft. */
export function setConditions<T extends Condition>(
  conditions: readonly T[] | undefined,
  drafts: readonly ConditionDraft<T>[],
  now: Date,
): T[] {
  return drafts.reduce<T[]>((list, draft) => setCondition(list, draft, now), [...(conditions ?? [])]);
}

/** The condition of this type; undefined if the list has none. */
export function findCondition<T extends Condition>(
  conditions: readonly T[] | undefined,
  type: string,
): T | undefined {
  return conditions?.find((condition) => condition.type === type);
}

/** Whether the condition of this type exists and is True. */
export function isConditionTrue(conditions: readonly Condition[] | undefined, type: string): boolean {
  return findCondition(conditions, type)?.status === 'True';
}
