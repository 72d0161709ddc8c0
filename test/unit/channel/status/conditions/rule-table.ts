import { expect, test } from '@jest/globals';
import { conditionInput, type ConditionInput } from '../../../../../src/channel/status/conditions/input.ts';
import { evaluate, type Rules } from '../../../../../src/channel/status/conditions/rule.ts';
import type { Observed, StreamState } from '../../../../../src/channel/state.ts';
import { anObserved, aStream, now } from '../../../../support/channel/channel-examples.ts';

/** Name of the rule that must apply, the input for it, and "status reason: start of the message". */
export type Row<Input> = readonly [rule: string, input: Input, expected: string];

/** One test a row, and one that every rule of the table has a row and every name is there once. */
export function testRules<Input>(rules: Rules<Input>, rows: readonly Row<Input>[]): void {
  test.each(rows.map((row) => [...row] as const))('%s', (name, input, expected) => {
    const { rule, draft } = evaluate(rules, input);
    expect(rule).toBe(name);
    expect(`${draft.status} ${draft.reason}: ${draft.message}`.startsWith(expected)).toBe(true);
  });

  test('every rule has a row, in the order of the table', () => {
    const order = [...new Set(rows.map(([name]) => name))];
    expect(order).toEqual(rules.map(({ name }) => name));
  });
}

type ObservedDifference = NonNullable<Parameters<typeof anObserved>[0]>;

export const input = (difference: ObservedDifference = {}): ConditionInput =>
  conditionInput(anObserved(difference), now);
export const inputOf = (observed: Observed): ConditionInput => conditionInput(observed, now);
/** With one stream that differs so from one on air. */
export const inputWith = (
  stream: Partial<StreamState>,
  difference: ObservedDifference = {},
): ConditionInput => input({ streams: [aStream(stream)], ...difference });
