import { budgetDecision } from '../../api/annotations/cost-decisions.ts';
import { channelIdOf, type ChannelId } from '../../api/channel-id.ts';
import type { LiveChannel } from '../../api/live-channel.ts';
import { startOfHour } from '../../base/utc-time.ts';
import { budgetAction } from '../../channel/desired/budget.ts';
import { microDollars } from '../../costs/price-book.ts';
import type { ShowOrHour } from '../../store/store.ts';
import type { BudgetView } from '../contract/costs.ts';
import { usd } from './usd.ts';

/** What the ledger has spent, in micro-dollars. */
export interface Spent {
  /** All channels in this month. */
  readonly month: number;
  /** In the period of a channel's budget. */
  readonly byChannel: ReadonlyMap<ChannelId, number>;
}

/** Channels that have a budget. */
export function withBudget(channels: Iterable<LiveChannel>): readonly LiveChannel[] {
  return [...channels].filter(({ spec }) => spec.budget !== undefined);
}

/** What has to be read of the ledger for a channel; undefined: nothing of its own, or no show of it is known. */
export function periodToRead(channel: LiveChannel, now: Date): ShowOrHour | undefined {
  const { budget } = channel.spec;
  const channelId = channelIdOf(channel.metadata);
  if (budget?.per === 'hour') return { channelId, since: startOfHour(now), show: undefined };
  if (budget?.per !== 'show') return undefined;
  const show = new Date(budgetDecision(channel)?.period ?? '');
  if (Number.isNaN(show.getTime())) return undefined;
  // Its first entry is that of the hour in which it began.
  return { channelId, since: startOfHour(show), show };
}

/** Budgets, those of which the largest share is spent first. */
export function budgetsView(
  channels: readonly LiveChannel[],
  { month, byChannel }: Spent,
): readonly BudgetView[] {
  const views = channels.flatMap((channel) => {
    const { budget } = channel.spec;
    if (budget === undefined) return [];
    const channelId = channelIdOf(channel.metadata);
    const spent = budget.per === 'month' ? month : byChannel.get(channelId);
    const limit = microDollars(Number(budget.usd));
    const decision = budgetDecision(channel);
    const view: BudgetView = {
      channelId,
      per: budget.per,
      limitUsd: usd(limit),
      spentUsd: spent === undefined ? null : usd(spent),
      level: decision?.level ?? 'unknown',
      action: budgetAction(channel),
      since: decision?.since ?? null,
      message: decision?.message ?? '',
    };
    return [{ view, share: spent === undefined || limit === 0 ? -1 : spent / limit }];
  });
  return views
    .toSorted((a, b) => b.share - a.share || a.view.channelId.localeCompare(b.view.channelId))
    .map(({ view }) => view);
}
