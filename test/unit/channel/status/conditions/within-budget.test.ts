import { budgetAnnotation, type BudgetDecision } from '../../../../../src/api/annotations/cost-decisions.ts';
import type { LiveChannel } from '../../../../../src/api/live-channel.ts';
import { withinBudgetRules } from '../../../../../src/channel/status/conditions/within-budget.ts';
import { aBudgetChoice, aChannel } from '../../../../support/channel/channel-examples.ts';
import { testRules } from './rule-table.ts';

const withBudget = (level?: BudgetDecision['level']): { channel: LiveChannel } => ({
  channel: aChannel({
    spec: { budget: { usd: '12', per: 'month' } },
    metadata: {
      annotations: level === undefined ? {} : budgetAnnotation(aBudgetChoice({ level, message: 'm' })),
    },
  }),
});

testRules(withinBudgetRules, [
  ['no budget', { channel: aChannel() }, 'True BudgetNotSet: '],
  ['below the threshold', withBudget('ok'), 'True WithinBudget: m'],
  ['threshold reached', withBudget('nearly'), 'False BudgetThresholdReached: m'],
  ['spent', withBudget('spent'), 'False BudgetSpent: m'],
  ['not known', withBudget('unknown'), 'Unknown BudgetUnknown: m'],
  ['no decision yet', withBudget(), 'Unknown BudgetUnknown: No costs have been recorded yet.'],
]);
