import type { LiveChannel } from '../../api/live-channel.ts';
import { budgetDecision, type BudgetDecision } from '../../api/annotations/cost-decisions.ts';
import type { Problem } from '../state.ts';
import { currentBudgetActions, type BudgetAction } from '../../api/values.ts';

/**
 * The action of the budget that is in effect. The decision is applied only if the spec requires that action at that
 * level, so that a decision for an earlier spec, or from another writer, cannot stop a channel.
 */
export function budgetAction(channel: LiveChannel): BudgetAction {
  const { budget } = channel.spec;
  const choice = budgetDecision(channel);
  if (budget === undefined || choice === undefined) return 'none';
  return choice.action === askedAction(budget, choice.level) ? choice.action : 'none';
}

/** The action that the spec requires at that level. The one at 80% continues at 100%, unless the latter is stricter. */
export function askedAction(
  { actionAt80Percent: nearly, actionAt100Percent: spent }: NonNullable<LiveChannel['spec']['budget']>,
  level: BudgetDecision['level'],
): BudgetAction {
  if (level === 'nearly') return nearly;
  if (level !== 'spent') return 'none';
  return currentBudgetActions.indexOf(nearly) > currentBudgetActions.indexOf(spent) ? nearly : spent;
}

/** The StreamingPlatform that the budget sends the channel to. */
export function budgetPlatform(channel: LiveChannel): string | undefined {
  return budgetAction(channel) === 'switch-platform' ? budgetDecision(channel)?.platform : undefined;
}

/** Why an action of the budget is in effect, as reason and message for the status. */
export function budgetProblem(channel: LiveChannel): Problem {
  const choice = budgetDecision(channel);
  return {
    reason: choice?.level === 'nearly' ? 'BudgetThresholdReached' : 'BudgetSpent',
    message: choice?.message ?? '',
  };
}
