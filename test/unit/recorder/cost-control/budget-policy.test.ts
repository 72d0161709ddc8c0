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
let told: string[];
let raised: string[];
let resolved: string[];
let ratio: number | undefined;
let keeper: BudgetPolicy;
beforeEach(() => {
  clock = new FakeClock(begin);
  spent = 0;
  show = begin;
  ended = 0;
  told = [];
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
    event: (_, type, reason) => told.push(`${type} ${reason}`),
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
/** What the annotation should say; it then does. */
function say(budget: object = hourly, more: object = {}): BudgetDecision | undefined {
  const text = keeper.desired({ channel: channelWith(budget, more), at: clock.now() })[annotations.budget];
  if (text === undefined) return undefined;
  noted = text ?? undefined;
  return text === null ? undefined : budgetDecisionSchema.parse(JSON.parse(text));
}

test('each level is said once, with what is done about it', async () => {
  expect(say()).toMatchObject({ level: 'ok', period: '2026-01-01T05', action: 'none', limitUsd: '12.00' });
  spent = 9.61 * dollar;
  const nearly = say();
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
  expect(say()).toEqual(nearly); // the same, not a word of it new
  spent = 12 * dollar;
  expect(say()).toMatchObject({ level: 'spent', action: 'stop' });
  expect(told).toEqual(['Warning BudgetThresholdReached', 'Warning BudgetSpent']);
  expect(raised).toEqual([
    'BudgetThresholdReached budget/2026-01-01T05/nearly',
    'BudgetSpent budget/2026-01-01T05/spent',
  ]);
});

test('a new period lifts what was done, and resolves the alerts', async () => {
  spent = 13 * dollar;
  say();
  await clock.advance(3_600_000);
  spent = 0;
  expect(say()).toMatchObject({ level: 'ok', period: '2026-01-01T06', action: 'none' });
  expect(resolved).toEqual(['budget/2026-01-01T05/nearly', 'budget/2026-01-01T05/spent']);
  expect(told).toEqual(['Warning BudgetSpent', 'Normal WithinBudget']);
});

test('a larger budget lifts it, too', () => {
  spent = 13 * dollar;
  say();
  expect(say({ ...hourly, usd: '50.00' })).toMatchObject({ level: 'ok', action: 'none', limitUsd: '50.00' });
});

test('a new leader goes on with what the annotation says, and does not say it again', () => {
  spent = 13 * dollar;
  const before = say();
  told = [];
  raised = [];
  keeper = newKeeper();
  expect(say()).toEqual(before);
  expect([told, raised]).toEqual([[], []]);
});

describe('while nobody knows what is spent', () => {
  test('nothing is said for two minutes, and then that', async () => {
    spent = undefined;
    expect(say()).toBeUndefined();
    await clock.advance(119_000);
    expect(say()).toBeUndefined();
    await clock.advance(1_000);
    expect(say()).toMatchObject({ level: 'unknown', action: 'none' });
    expect(told).toEqual(['Warning BudgetUnknown']);
    expect(raised).toEqual([]);
  });

  test('what is spent stays spent, for the rest of its period', async () => {
    spent = 13 * dollar;
    const before = say();
    spent = undefined;
    keeper = newKeeper();
    say();
    await clock.advance(300_000);
    expect(say()).toEqual(before);
  });
});

describe('a budget for a show', () => {
  const perShow = { ...hourly, per: 'show' };

  test('goes by when the show began', () => {
    expect(say(perShow)).toMatchObject({ period: begin.toISOString(), level: 'ok' });
  });

  test('that is spent stays so with a leader that never saw the show, until the channel is suspended', () => {
    spent = 13 * dollar;
    const before = say(perShow);
    keeper = newKeeper();
    [spent, show] = [0, undefined];
    expect(say(perShow)).toEqual(before);
    expect(say(perShow, { suspend: true })).toBeUndefined();
    expect(ended).toBe(1);
    expect(say(perShow)).toMatchObject({ level: 'ok', period: 'next' });
  });
});

test('switch-platform says where to, and stays with it', () => {
  const budget = { ...hourly, actionAt80Percent: 'switch-platform', actionAt100Percent: 'switch-platform' };
  spent = 10 * dollar;
  expect(say(budget)).toMatchObject({ action: 'switch-platform', platform: 'origin' });
});

test('a channel without a budget has no annotation', () => {
  noted = 'left over';
  expect(keeper.desired({ channel: channelWith(undefined), at: clock.now() })).toEqual({
    [annotations.budget]: null,
  });
});

describe('its alerts are over', () => {
  const both = ['budget/2026-01-01T05/nearly', 'budget/2026-01-01T05/spent'];
  beforeEach(() => {
    spent = 12 * dollar;
    say();
    resolved = [];
  });

  test('when the channel is deleted, also under another leader', () => {
    keeper.forget(channelWith(hourly));
    expect(resolved).toEqual(both);
    keeper = newKeeper();
    keeper.forget(channelWith(hourly));
    expect(resolved).toEqual([...both, ...both]);
  });

  test('when the budget is taken away', () => {
    keeper.desired({ channel: channelWith(undefined), at: clock.now() });
    expect(resolved).toEqual(both);
  });

  test('and a channel that had none is let go without a word', () => {
    noted = undefined;
    newKeeper().forget(channelWith(undefined));
    expect(resolved).toEqual([]);
  });
});
