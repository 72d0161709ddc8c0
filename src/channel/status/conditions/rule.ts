import type { Condition } from '../../../api/conditions.ts';
import type { Reason } from '../../../api/reasons.ts';
import type { Problem } from '../../state.ts';

/** Status, reason and message of a condition; type, generation and time are added when the status is assembled. */
export type ConditionDraft = Problem & { readonly status: Condition['status'] };

/** One row of a decision table. */
export interface Rule<Input> {
  /** When the rule applies, in a few words; unique in its table. */
  readonly name: string;
  /** The draft if the rule applies to the input, undefined if it does not. */
  readonly decide: (input: Input) => ConditionDraft | undefined;
}

/** The last row of a table. It always applies, so that every condition has a value from the first reconcile on. */
export interface DefaultRule<Input> extends Rule<Input> {
  readonly decide: (input: Input) => ConditionDraft;
}

/** An ordered decision table: the first rule that applies wins. */
export type Rules<Input> = readonly [...Rule<Input>[], DefaultRule<Input>];

/** The draft of the first rule that applies, with the rule's name. */
export function evaluate<Input>(
  rules: Rules<Input>,
  input: Input,
): { readonly rule: string; readonly draft: ConditionDraft } {
  for (const { name, decide } of rules) {
    const draft = decide(input);
    if (draft !== undefined) return { rule: name, draft };
  }
  throw new Error('The table of rules has no default rule'); // excluded by the type
}

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
