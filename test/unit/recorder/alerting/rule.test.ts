import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { nextAlertState, openAlert, type AlertState } from '../../../../src/recorder/alerting/rule.ts';

const holds = { raiseAfterMs: 60_000, resolveAfterMs: 30_000 };
const cause = { hasCause: true, heldBack: false };
const none = { hasCause: false, heldBack: false };
const held = { hasCause: true, heldBack: true };
const pending = (since: number): AlertState => ({ phase: 'pending', since });
const clear = (clearSince: number): AlertState => ({ phase: 'open', clearSince });

describe('an alert', () => {
  test.each<
    [string, AlertState | undefined, typeof cause, number, AlertState | undefined, string | undefined]
  >([
    ['has no state without a cause', undefined, none, 0, undefined, undefined],
    ['waits for its hold', undefined, cause, 5, pending(5), undefined],
    ['is not raised before its hold', pending(5), cause, 60_004, pending(5), undefined],
    ['is raised after its hold', pending(5), cause, 60_005, openAlert, 'raise'],
    ['is forgotten when the cause is gone before', pending(5), none, 50_000, undefined, undefined],
    ['is not raised while it is held back', pending(5), held, 70_000, undefined, undefined],
    ['stays open while it has a cause', openAlert, cause, 9, openAlert, undefined],
    ['stays open with a cause while it is held back', openAlert, held, 9, openAlert, undefined],
    ['waits for its hold before it is resolved', openAlert, none, 9, clear(9), undefined],
    ['stays open when the cause returns', clear(9), cause, 20_000, openAlert, undefined],
    ['is resolved after its hold', clear(9), none, 30_009, undefined, 'resolve'],
  ])('%s', (_, state, input, now, expected, action) => {
    const step = nextAlertState(state, input, holds, now);
    expect([step.state, step.action]).toEqual([expected, action]);
  });
});

test('of any history, there is at most one open alert, and none after a time without a cause', () => {
  const histories = fc.array(
    fc.record({
      hasCause: fc.boolean(),
      heldBack: fc.boolean(),
      afterMs: fc.integer({ min: 1, max: 100_000 }),
      newLeader: fc.boolean(),
    }),
    { maxLength: 200 },
  );
  fc.assert(
    fc.property(histories, (history) => {
      let state: AlertState | undefined;
      let open = 0;
      let now = 0;
      const step = (input: typeof cause): void => {
        const next = nextAlertState(state, input, holds, now);
        ({ state } = next);
        if (next.action === 'raise') open += 1;
        if (next.action === 'resolve') open -= 1;
        expect(open).toBe(state?.phase === 'open' ? 1 : 0);
        if (next.action === 'raise') expect(input).toEqual(cause);
      };
      for (const { afterMs, newLeader, ...input } of history) {
        now += afterMs;
        // It knows what is open in the database, and nothing else.
        if (newLeader) state = open > 0 ? openAlert : undefined;
        step(input);
      }
      step(none);
      now += holds.resolveAfterMs;
      step(none);
      expect([open, state]).toEqual([0, undefined]);
    }),
  );
});
