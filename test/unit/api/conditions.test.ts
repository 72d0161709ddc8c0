import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  findCondition,
  isConditionTrue,
  setCondition,
  setConditions,
  type Condition,
} from '../../../src/api/conditions.ts';
import { toKubeTime } from '../../../src/base/kube-time.ts';

const earlier = new Date('2026-01-01T10:00:00.123Z');
const later = new Date('2026-01-01T11:00:00.456Z');
const ready = { type: 'Ready', status: 'True', reason: 'Live', message: '' } as const;

describe('setCondition', () => {
  test('adds a condition with the time, to the second', () => {
    expect(setCondition(undefined, ready, earlier)).toEqual([
      { ...ready, lastTransitionTime: '2026-01-01T10:00:00Z' },
    ]);
  });

  test('keeps the time while the status stays, though reason and message change', () => {
    const before = setCondition(undefined, ready, earlier);
    const [after] = setCondition(
      before,
      { ...ready, reason: 'Other', message: 'x', observedGeneration: 2 },
      later,
    );
    expect(after).toEqual({
      ...ready,
      reason: 'Other',
      message: 'x',
      observedGeneration: 2,
      lastTransitionTime: toKubeTime(earlier),
    });
  });

  test('shortens the message to one line of at most 1,024 characters', () => {
    const [condition] = setCondition(undefined, { ...ready, message: 'refused:\n'.repeat(1_000) }, earlier);
    expect(condition?.message).toMatch(/^(refused: )+refus.{0,3}…$/);
    expect(condition?.message.length).toBeLessThanOrEqual(1_024);
  });

  test('takes the new time when the status changes', () => {
    const before = setCondition(undefined, ready, earlier);
    const after = setCondition(before, { ...ready, status: 'False' }, later);
    expect(findCondition(after, 'Ready')?.lastTransitionTime).toBe(toKubeTime(later));
    expect(isConditionTrue(after, 'Ready')).toBe(false);
  });

  test('leaves the list it was given and the other conditions alone', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.constantFrom('A', 'B', 'C', 'D')),
        fc.constantFrom('A', 'B', 'C', 'D'),
        fc.constantFrom('True' as const, 'False' as const, 'Unknown' as const),
        (types, type, status) => {
          const before: readonly Condition[] = Object.freeze(
            types.map((each) =>
              Object.freeze({ ...ready, type: each, lastTransitionTime: toKubeTime(earlier) }),
            ),
          );
          const after = setCondition(before, { ...ready, type, status }, later);
          expect(after.filter((each) => each.type === type)).toHaveLength(1);
          expect(after.filter((each) => each.type !== type)).toEqual(
            before.filter((each) => each.type !== type),
          );
        },
      ),
    );
  });

  test('sets several at once', () => {
    const list = setConditions(undefined, [ready, { ...ready, type: 'Other', status: 'Unknown' }], earlier);
    expect(list.map(({ type }) => type)).toEqual(['Ready', 'Other']);
  });
});
