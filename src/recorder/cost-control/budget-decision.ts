import type { LiveChannel } from '../../api/live-channel.ts';
import { askedAction } from '../../channel/desired/budget.ts';
import { budgetDecision, type BudgetDecision } from '../../api/annotations/cost-decisions.ts';
import { microDollars } from '../../costs/price-book.ts';
import { dollars } from './dollars.ts';

type Budget = NonNullable<LiveChannel['spec']['budget']>;

/** What is known of a budget's present period. */
export interface BudgetFacts {
  /** In micro-dollars; undefined: nobody knows. */
  readonly spent: number | undefined;
  /** When the show began; undefined where none is known. */
  readonly show: Date | undefined;
  /** Whether it has been unknown for so long that it should be said. */
  readonly unknownForLong: boolean;
  /** Where switch-platform goes; undefined: nowhere else is cheaper. */
  readonly cheaperPlatform: () => string | undefined;
  /** What was decided last; the annotation may be behind. */
  readonly last: BudgetDecision | undefined;
}

/** What the annotation livechannel.dev/budget should say. Another one only where something of it is another. */
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
  // Within a period spending only grows: what was said is the least that was spent.
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

export function levelOf(spent: number, limit: number): 'ok' | 'nearly' | 'spent' {
  return spent >= limit ? 'spent' : spent >= 0.8 * limit ? 'nearly' : 'ok';
}

/** undefined: nothing new is to be said yet. */
function unknownOr(
  before: BudgetDecision | undefined,
  { unknownForLong }: BudgetFacts,
): 'unknown' | undefined {
  return unknownForLong || before?.level === 'unknown' ? 'unknown' : undefined;
}

/** As spending is counted: UTC. A show that nobody remembers is the one that was spoken of last. */
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
/** A decimal number with two to six places. */
export const usdOf = (microDollars: number): string =>
  (Math.round(microDollars) / 1_000_000).toFixed(6).replace(/0{1,4}$/, '');
