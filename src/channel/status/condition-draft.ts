import type { Condition } from '../../api/metadata.ts';
import type { Reason } from '../../api/reasons.ts';
import type { Problem } from '../state.ts';

/** What a condition says. */
export type ConditionDraft = Problem & { readonly status: Condition['status'] };

export const conditionTrue = (reason: Reason, message = ''): ConditionDraft => ({
  status: 'True',
  reason,
  message,
});
export const conditionFalse = (reason: Reason, message = ''): ConditionDraft => ({
  status: 'False',
  reason,
  message,
});
export const conditionUnknown = (reason: Reason, message = ''): ConditionDraft => ({
  status: 'Unknown',
  reason,
  message,
});
export const conditionFalseBecause = ({ reason, message }: Problem): ConditionDraft =>
  conditionFalse(reason, message);
