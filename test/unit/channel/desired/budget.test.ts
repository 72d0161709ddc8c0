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

describe('an action', () => {
  test.each<[string, Partial<BudgetDecision> | undefined, object, string]>([
    ['is none where nobody counted', undefined, {}, 'none'],
    ['is what the spec asks for at 100 %', { level: 'spent', action: 'stop' }, {}, 'stop'],
    [
      'is what it asks for at 80 %',
      { level: 'nearly', action: 'lower-cap' },
      { actionAt80Percent: 'lower-cap' },
      'lower-cap',
    ],
    ['is not one that is asked for at another level', { level: 'nearly', action: 'stop' }, {}, 'none'],
    [
      'is not one that the spec does not ask for any more',
      { level: 'spent', action: 'stop' },
      { actionAt100Percent: 'alert' },
      'none',
    ],
    [
      'is none while there is budget left, whatever is written',
      { level: 'ok', action: 'stop' },
      { actionAt80Percent: 'stop' },
      'none',
    ],
    [
      'at 80 % goes on at 100 %, which asks for an alert alone',
      { level: 'spent', action: 'lower-cap' },
      { actionAt80Percent: 'lower-cap', actionAt100Percent: 'alert' },
      'lower-cap',
    ],
    [
      'at 80 % gives way to a stricter one at 100 %',
      { level: 'spent', action: 'stop' },
      { actionAt80Percent: 'lower-cap', actionAt100Percent: 'stop' },
      'stop',
    ],
    ['is none where it is not known what was spent', { level: 'unknown', action: 'stop' }, {}, 'none'],
  ])('%s', (_, choice, budget, expected) => {
    expect(budgetAction(withBudget(choice, budget))).toBe(expected);
  });

  test('is none without a budget', () => {
    const noted = budgetAnnotation(aBudgetChoice({ level: 'spent', action: 'stop' }));
    expect(budgetAction(aChannel({ metadata: { annotations: noted } }))).toBe('none');
  });
});

test('the platform is only where to go when that is the action', () => {
  const switches = { actionAt100Percent: 'switch-platform' };
  const sent = { level: 'spent', action: 'switch-platform', platform: 'other' } as const;
  expect(budgetPlatform(withBudget(sent, switches))).toBe('other');
  expect(budgetPlatform(withBudget(sent))).toBeUndefined();
  expect(budgetPlatform(withBudget({ ...sent, action: 'alert' }, switches))).toBeUndefined();
});

test.each<[string, Partial<BudgetDecision> | undefined, string]>([
  ['what is left', { level: 'ok', action: 'none' }, 'True WithinBudget said'],
  ['that it is nearly spent', { level: 'nearly' }, 'False BudgetThresholdReached said'],
  ['that it is spent', { level: 'spent' }, 'False BudgetSpent said'],
  ['that it is not known', { level: 'unknown', action: 'none' }, 'Unknown BudgetUnknown said'],
])('the status says %s', (_, choice, expected) => {
  const { status, reason, message } = evaluate(withinBudgetRules, {
    channel: withBudget({ ...choice, message: 'said' }),
  }).draft;
  expect([status, reason, message].join(' ')).toBe(expected);
});

test('the status says where nobody counts, and where there is nothing to count for', () => {
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
