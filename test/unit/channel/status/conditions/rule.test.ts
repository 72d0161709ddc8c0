import { expect, test } from '@jest/globals';
import {
  conditionFalse,
  conditionTrue,
  evaluate,
} from '../../../../../src/channel/status/conditions/rule.ts';

test('the first rule that applies is used, and the last one always applies', () => {
  const rules = [
    { name: 'negative', decide: (n: number) => (n < 0 ? conditionFalse('Deleting') : undefined) },
    { name: 'odd', decide: (n: number) => (n % 2 === 0 ? undefined : conditionTrue('Live', 'odd')) },
    { name: 'otherwise', decide: () => conditionFalse('Idle') },
  ] as const;
  expect(evaluate(rules, -1)).toEqual({ rule: 'negative', draft: conditionFalse('Deleting') });
  expect(evaluate(rules, 1)).toEqual({ rule: 'odd', draft: conditionTrue('Live', 'odd') });
  expect(evaluate(rules, 2)).toEqual({ rule: 'otherwise', draft: conditionFalse('Idle') });
});
