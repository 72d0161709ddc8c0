import type { LiveChannel } from '../../api/live-channel.ts';
import { askedAction } from '../../channel/desired/budget.ts';
import { budgetDecision, type BudgetDecision } from '../../api/annotations/cost-decisions.ts';
import { microDollars } from '../../costs/price-book.ts';
import { dollars } from './dollars.ts';

type Budget = NonNullable<LiveChannel['spec']['budget']>;

/** What is known about a budget's current period. */
export interface BudgetFacts {
  /** In micro-dollars; undefined: unknown. */
  readonly spent: number | undefined;
  /** Beginning of the show; undefined: no show is known. */
  readonly show: Date | undefined;
  /** Whether `spent` has been unknown long enough to be reported. */
  readonly unknownForLong: boolean;
  /** Target of switch-platform; undefined: no other platform is cheaper. */
  readonly cheaperPlatform: () => string | undefined;
  /** The last decision; the annotation in the cache may be older. */
  readonly last: BudgetDecision | undefined;
}

/**
 * Decides the value of the annotation livechannel.dev/budget. Returns the previous decision itself while level, action,
 * limit and platform are unchanged, so that rising costs alone cause no write. undefined: no annotation is written.
 */
export function decideBudget(
  channel: LiveChannel,
  facts: BudgetFacts,
  now: Date,
): BudgetDecision | undefined {
  const { budget } = channel.spec;
  if (budget === undefined) return undefined;
  const last = facts.last ?? budgetDecision(channel);
  const period = periodOf(budget, facts, last, now);
  const before = last?.period === period ? last : undefined;
  const limit = microDollarsOf(budget.usd);
  // Within a period, spending only grows: the last published amount is a lower bound.
  const least = before === undefined ? 0 : microDollarsOf(before.spentUsd);
  const known = facts.spent === undefined ? undefined : Math.max(facts.spent, least);
  const level = levelOf(known ?? least, limit);
  const said = known === undefined && level === 'ok' ? unknownOr(before, facts) : level;
  if (said === undefined) return last;
  const action = askedAction(budget, said);
  const platform = action === 'switch-platform' ? (before?.platform ?? facts.cheaperPlatform()) : undefined;
  const choice: BudgetDecision = {
    channel: channel.metadata.uid,
    level: said,
    period,
    since: now.toISOString(),
    spentUsd: usdOf(known ?? least),
    limitUsd: budget.usd,
    action,
    ...(platform === undefined ? {} : { platform }),
    message: wordsOf(budget, said, known ?? least, action, platform),
  };
  return before !== undefined && isSame(before, choice) ? before : choice;
}

/** Level of the spending; both amounts are in micro-dollars. The threshold "nearly" is 80% of the limit. */
export function levelOf(spent: number, limit: number): 'ok' | 'nearly' | 'spent' {
  return spent >= limit ? 'spent' : spent >= 0.8 * limit ? 'nearly' : 'ok';
}

/** undefined: unknown for too short a time to be reported. */
function unknownOr(
  before: BudgetDecision | undefined,
  { unknownForLong }: BudgetFacts,
): 'unknown' | undefined {
  return unknownForLong || before?.level === 'unknown' ? 'unknown' : undefined;
}

/** Id of the period, in UTC as in the ledger. While the show is unknown, the show of the last decision is assumed. */
function periodOf(
  { per }: Budget,
  { show }: BudgetFacts,
  last: BudgetDecision | undefined,
  now: Date,
): string {
  if (per === 'hour') return now.toISOString().slice(0, 13);
  if (per === 'month') return now.toISOString().slice(0, 7);
  if (show !== undefined) return show.toISOString();
  return last !== undefined && last.period.length > 13 ? last.period : 'next';
}

function isSame(a: BudgetDecision, b: BudgetDecision): boolean {
  return (
    a.level === b.level && a.action === b.action && a.limitUsd === b.limitUsd && a.platform === b.platform
  );
}

const per: Record<Budget['per'], string> = {
  hour: 'per hour',
  show: 'per show',
  month: 'per month for the namespace',
};

function wordsOf(
  budget: Budget,
  level: BudgetDecision['level'],
  spent: number,
  action: BudgetDecision['action'],
  platform: string | undefined,
): string {
  const limit = `${dollars(microDollarsOf(budget.usd))} ${per[budget.per]}`;
  if (level === 'unknown') return `Spending is unknown: the database is unavailable. The budget is ${limit}.`;
  return `${dollars(spent)} of ${limit} has been spent.${doneBy(action, platform)}`;
}

function doneBy(action: BudgetDecision['action'], platform: string | undefined): string {
  switch (action) {
    case 'none':
    case 'alert':
      return '';
    case 'lower-cap':
      return ' The video resolution is reduced.';
    case 'switch-platform':
      return platform === undefined
        ? ' No other platform is cheaper.'
        : ` The channel migrates to ${platform}.`;
    case 'agora-only':
      return ' Viewers are sent to Agora only.';
    case 'stop':
      return ' The relay is stopped.';
  }
}

export const microDollarsOf = (usd: string): number => microDollars(Number(usd));
/** Micro-dollars as a decimal number of dollars with two to six places. */
export const usdOf = (microDollars: number): string =>
  (Math.round(microDollars) / 1_000_000).toFixed(6).replace(/0{1,4}$/, '');
