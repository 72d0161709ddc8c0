import { toKubeTime } from '../base/kube-time.ts';
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

/** A condition before it is put in a list: the list knows when its status last changed. */
export type ConditionDraft<T extends Condition = Condition> = Omit<T, 'lastTransitionTime'>;

/**
 * The list with `draft` in it. `lastTransitionTime` stays as it is unless the condition's status changes, as the API
 * conventions ask. Order and the other conditions stay; the list that came in is not changed.
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
  const condition = { ...draft, lastTransitionTime };
  return old === undefined
    ? [...before, condition]
    : before.map((each) => (each.type === draft.type ? condition : each));
}

/** setCondition for several at once. */
export function setConditions<T extends Condition>(
  conditions: readonly T[] | undefined,
  drafts: readonly ConditionDraft<T>[],
  now: Date,
): T[] {
  return drafts.reduce<T[]>((list, draft) => setCondition(list, draft, now), [...(conditions ?? [])]);
}

export function findCondition<T extends Condition>(
  conditions: readonly T[] | undefined,
  type: string,
): T | undefined {
  return conditions?.find((condition) => condition.type === type);
}

export function isConditionTrue(conditions: readonly Condition[] | undefined, type: string): boolean {
  return findCondition(conditions, type)?.status === 'True';
}
