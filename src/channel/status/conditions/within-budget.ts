import { budgetDecision, type BudgetDecision } from '../../../api/annotations/cost-decisions.ts';
import type { LiveChannel } from '../../../api/live-channel.ts';
import {
  conditionFalse,
  conditionTrue,
  conditionUnknown,
  type ConditionDraft,
  type Rule,
  type Rules,
} from './rule.ts';

interface BudgetInput {
  readonly channel: LiveChannel;
}

/** WithinBudget: how much of spec.budget has been spent, according to the recorder's decision in the annotations. */
export const withinBudgetRules: Rules<BudgetInput> = [
  {
    name: 'no budget',
    decide: ({ channel }) => (channel.spec.budget === undefined ? conditionTrue('BudgetNotSet') : undefined),
  },
  atLevel('below the threshold', 'ok', ({ message }) => conditionTrue('WithinBudget', message)),
  atLevel('threshold reached', 'nearly', ({ message }) => conditionFalse('BudgetThresholdReached', message)),
  atLevel('spent', 'spent', ({ message }) => conditionFalse('BudgetSpent', message)),
  atLevel('not known', 'unknown', ({ message }) => conditionUnknown('BudgetUnknown', message)),
  {
    name: 'no decision yet',
    decide: () =>
      conditionUnknown(
        'BudgetUnknown',
        'No costs have been recorded yet. The operator records costs only with a database (DATABASE_URL).',
      ),
  },
];

function atLevel(
  name: string,
  level: BudgetDecision['level'],
  draft: (decision: BudgetDecision) => ConditionDraft,
): Rule<BudgetInput> {
  return {
    name,
    decide: ({ channel }) => {
      const decision = budgetDecision(channel);
      return decision?.level === level ? draft(decision) : undefined;
    },
  };
}
