import { beforeEach, describe, expect, test } from '@jest/globals';
import type { LiveChannel } from '../../../../src/api/live-channel.ts';
import { annotations } from '../../../../src/api/names.ts';
import { budgetDecisionSchema, type BudgetDecision } from '../../../../src/api/annotations/cost-decisions.ts';
import { FakeClock } from '../../../../src/base/testing/fake-clock.ts';
import { BudgetPolicy } from '../../../../src/recorder/cost-control/budget-policy.ts';
import { aChannel } from '../../../support/channel/channel-examples.ts';
import { after } from '../examples.ts';

const begin = after(5 * 3_600);
const dollar = 1_000_000;

let clock: FakeClock;
let spent: number | undefined;
let show: Date | undefined;
let ended: number;
let events: string[];
let raised: string[];
let resolved: string[];
let ratio: number | undefined;
let keeper: BudgetPolicy;
beforeEach(() => {
  clock = new FakeClock(begin);
  spent = 0;
  show = begin;
  ended = 0;
  events = [];
  raised = [];
  resolved = [];
  keeper = newKeeper();
});

function newKeeper(): BudgetPolicy {
  return new BudgetPolicy({
    clock,
    ledger: {
      spent: () => spent,
      showOf: () => show,
      endShow: () => {
        ended += 1;
      },
    },
    alerts: {
      raise: ({ kind, occasion }) => raised.push(`${kind} ${occasion}`),
      resolve: (_, occasion) => resolved.push(occasion),
    },
    event: (_, type, reason) => events.push(`${type} ${reason}`),
    cheaperPlatform: () => 'origin',
    spentRatio: (_, its) => {
      ratio = its;
    },
  });
}

const hourly = {
  usd: '12.00',
  per: 'hour',
  actionAt80Percent: 'lower-cap',
  actionAt100Percent: 'stop',
} as const;
let noted: string | undefined;
const channelWith = (budget: object | undefined, more: object = {}): LiveChannel =>
  aChannel({
    spec: { ...(budget === undefined ? {} : { budget }), ...more },
    metadata: noted === undefined ? {} : { annotations: { [annotations.budget]: noted } },
  });
beforeEach(() => {
  noted = undefined;
});
/** The desired value of the annotation, which is then written. */
function decide(budget: object = hourly, more: object = {}): BudgetDecision | undefined {
  const text = keeper.desired({ channel: channelWith(budget, more), at: clock.now() })[annotations.budget];
  if (text === undefined) return undefined;
  noted = text ?? undefined;
  return text === null ? undefined : budgetDecisionSchema.parse(JSON.parse(text));
}

test('each level is reported once, with its action', async () => {
  expect(decide()).toMatchObject({ level: 'ok', period: '2026-01-01T05', action: 'none', limitUsd: '12.00' });
  spent = 9.61 * dollar;
  const nearly = decide();
  expect(nearly).toMatchObject({
    channel: 'channel-uid',
    level: 'nearly',
    spentUsd: '9.61',
    action: 'lower-cap',
    message: '$9.61 of $12.00 per hour has been spent. The video resolution is reduced.',
  });
  expect(ratio).toBeCloseTo(0.8008, 3);
  await clock.advance(60_000);
  spent = 10 * dollar;
  expect(decide()).toEqual(nearly); // The same decision, without a change.
  spent = 12 * dollar;
  expect(decide()).toMatchObject({ level: 'spent', action: 'stop' });
  expect(events).toEqual(['Warning BudgetThresholdReached', 'Warning BudgetSpent']);
  expect(raised).toEqual([
    'BudgetThresholdReached budget/2026-01-01T05/nearly',
    'BudgetSpent budget/2026-01-01T05/spent',
  ]);
});

test('a new period ends the action, and resolves the alerts', async () => {
  spent = 13 * dollar;
  decide();
  await clock.advance(3_600_000);
  spent = 0;
  expect(decide()).toMatchObject({ level: 'ok', period: '2026-01-01T06', action: 'none' });
  expect(resolved).toEqual(['budget/2026-01-01T05/nearly', 'budget/2026-01-01T05/spent']);
  expect(events).toEqual(['Warning BudgetSpent', 'Normal WithinBudget']);
});

test('a larger budget ends the action, too', () => {
  spent = 13 * dollar;
  decide();
  expect(decide({ ...hourly, usd: '50.00' })).toMatchObject({
    level: 'ok',
    action: 'none',
    limitUsd: '50.00',
  });
});

test('a new leader continues with the annotation, and does not report it again', () => {
  spent = 13 * dollar;
  const before = decide();
  events = [];
  raised = [];
  keeper = newKeeper();
  expect(decide()).toEqual(before);
  expect([events, raised]).toEqual([[], []]);
});

describe('while spending is unknown', () => {
  test('the condition is reported after two minutes', async () => {
    spent = undefined;
    expect(decide()).toBeUndefined();
    await clock.advance(119_000);
    expect(decide()).toBeUndefined();
    await clock.advance(1_000);
    expect(decide()).toMatchObject({ level: 'unknown', action: 'none' });
    expect(events).toEqual(['Warning BudgetUnknown']);
    expect(raised).toEqual([]);
  });

  test('a spent budget stays spent for the rest of its period', async () => {
    spent = 13 * dollar;
    const before = decide();
    spent = undefined;
    keeper = newKeeper();
    decide();
    await clock.advance(300_000);
    expect(decide()).toEqual(before);
  });
});

describe('a budget per show', () => {
  const perShow = { ...hourly, per: 'show' };

  test('starts with the show', () => {
    expect(decide(perShow)).toMatchObject({ period: begin.toISOString(), level: 'ok' });
  });

  test('stays spent with a leader that never observed the show, until the channel is suspended', () => {
    spent = 13 * dollar;
    const before = decide(perShow);
    keeper = newKeeper();
    [spent, show] = [0, undefined];
    expect(decide(perShow)).toEqual(before);
    expect(decide(perShow, { suspend: true })).toBeUndefined();
    expect(ended).toBe(1);
    expect(decide(perShow)).toMatchObject({ level: 'ok', period: 'next' });
  });
});

test('switch-platform contains the platform, and keeps it', () => {
  const budget = { ...hourly, actionAt80Percent: 'switch-platform', actionAt100Percent: 'switch-platform' };
  spent = 10 * dollar;
  expect(decide(budget)).toMatchObject({ action: 'switch-platform', platform: 'origin' });
});

test('a channel without a budget has no annotation', () => {
  noted = 'left over';
  expect(keeper.desired({ channel: channelWith(undefined), at: clock.now() })).toEqual({
    [annotations.budget]: null,
  });
});

describe('alerts are resolved', () => {
  const both = ['budget/2026-01-01T05/nearly', 'budget/2026-01-01T05/spent'];
  beforeEach(() => {
    spent = 12 * dollar;
    decide();
    resolved = [];
  });

  test('when the channel is deleted, also with another leader', () => {
    keeper.forget(channelWith(hourly));
    expect(resolved).toEqual(both);
    keeper = newKeeper();
    keeper.forget(channelWith(hourly));
    expect(resolved).toEqual([...both, ...both]);
  });

  test('when the budget is removed', () => {
    keeper.desired({ channel: channelWith(undefined), at: clock.now() });
    expect(resolved).toEqual(both);
  });

  test('without an effect for a channel that had none', () => {
    noted = undefined;
    newKeeper().forget(channelWith(undefined));
    expect(resolved).toEqual([]);
  });
});
