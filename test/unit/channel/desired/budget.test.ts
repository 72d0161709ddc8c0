import { describe, expect, test } from '@jest/globals';
import type { LiveChannel } from '../../../../src/api/live-channel.ts';
import { budgetAction, budgetPlatform } from '../../../../src/channel/desired/budget.ts';
import { budgetAnnotation, type BudgetDecision } from '../../../../src/api/annotations/cost-decisions.ts';
import { aBudgetChoice, aChannel } from '../../../support/channel/channel-examples.ts';
import { evaluate } from '../../../../src/channel/status/conditions/rule.ts';
import { withinBudgetRules } from '../../../../src/channel/status/conditions/within-budget.ts';

function withBudget(choice: Partial<BudgetDecision> | undefined, budget: object = {}): LiveChannel {
  const noted = choice === undefined ? {} : budgetAnnotation(aBudgetChoice(choice));
  const whole = { usd: '12', per: 'month', actionAt100Percent: 'stop', ...budget };
  return aChannel({ spec: { budget: whole }, metadata: { annotations: noted } });
}

describe('budget action', () => {
  test.each<[string, Partial<BudgetDecision> | undefined, object, string]>([
    ['is none without a decision', undefined, {}, 'none'],
    ["is the spec's action at 100%", { level: 'spent', action: 'stop' }, {}, 'stop'],
    [
      "is the spec's action at 80%",
      { level: 'nearly', action: 'lower-cap' },
      { actionAt80Percent: 'lower-cap' },
      'lower-cap',
    ],
    ['is none when the spec has it at another level', { level: 'nearly', action: 'stop' }, {}, 'none'],
    [
      'is none when the spec no longer has it',
      { level: 'spent', action: 'stop' },
      { actionAt100Percent: 'alert' },
      'none',
    ],
    [
      'is none within the budget, whatever the annotation contains',
      { level: 'ok', action: 'stop' },
      { actionAt80Percent: 'stop' },
      'none',
    ],
    [
      'at 80% continues at 100% if the action there is only an alert',
      { level: 'spent', action: 'lower-cap' },
      { actionAt80Percent: 'lower-cap', actionAt100Percent: 'alert' },
      'lower-cap',
    ],
    [
      'at 80% is replaced by a stricter one at 100%',
      { level: 'spent', action: 'stop' },
      { actionAt80Percent: 'lower-cap', actionAt100Percent: 'stop' },
      'stop',
    ],
    ['is none when spending is unknown', { level: 'unknown', action: 'stop' }, {}, 'none'],
  ])('%s', (_, choice, budget, expected) => {
    expect(budgetAction(withBudget(choice, budget))).toBe(expected);
  });

  test('is none without a budget', () => {
    const noted = budgetAnnotation(aBudgetChoice({ level: 'spent', action: 'stop' }));
    expect(budgetAction(aChannel({ metadata: { annotations: noted } }))).toBe('none');
  });
});

test('switches the platform only if that is the action', () => {
  const switches = { actionAt100Percent: 'switch-platform' };
  const sent = { level: 'spent', action: 'switch-platform', platform: 'other' } as const;
  expect(budgetPlatform(withBudget(sent, switches))).toBe('other');
  expect(budgetPlatform(withBudget(sent))).toBeUndefined();
  expect(budgetPlatform(withBudget({ ...sent, action: 'alert' }, switches))).toBeUndefined();
});

test.each<[string, Partial<BudgetDecision> | undefined, string]>([
  ['budget left', { level: 'ok', action: 'none' }, 'True WithinBudget said'],
  ['threshold reached', { level: 'nearly' }, 'False BudgetThresholdReached said'],
  ['budget spent', { level: 'spent' }, 'False BudgetSpent said'],
  ['spending unknown', { level: 'unknown', action: 'none' }, 'Unknown BudgetUnknown said'],
])('the condition WithinBudget with %s', (_, choice, expected) => {
  const { status, reason, message } = evaluate(withinBudgetRules, {
    channel: withBudget({ ...choice, message: 'said' }),
  }).draft;
  expect([status, reason, message].join(' ')).toBe(expected);
});

test('the condition WithinBudget without a decision, and without a budget', () => {
  expect(evaluate(withinBudgetRules, { channel: withBudget(undefined) }).draft).toMatchObject({
    status: 'Unknown',
    reason: 'BudgetUnknown',
    message: expect.stringContaining('DATABASE_URL') as unknown,
  });
  expect(evaluate(withinBudgetRules, { channel: aChannel() }).draft).toEqual({
    status: 'True',
    reason: 'BudgetNotSet',
    message: '',
  });
});
