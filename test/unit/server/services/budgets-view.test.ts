import { expect, test } from '@jest/globals';
import { annotations } from '../../../../src/api/names.ts';
import type { LiveChannel } from '../../../../src/api/live-channel.ts';
import { budgetViewSchema } from '../../../../src/server/contract/costs.ts';
import { budgetsView, periodToRead, withBudget } from '../../../../src/server/services/budgets-view.ts';
import { aCachedChannel } from '../../../support/server/cached-channel.ts';

const now = new Date('2026-11-23T12:34:00Z');
const show = '2026-11-23T11:45:00.000Z';

function channelWith(
  name: string,
  budget: object,
  { level = 'ok', period = show, action = 'none' } = {},
): LiveChannel {
  const decision = {
    ...{ channel: `uid-of-${name}`, level, period, action, since: show },
    ...{ spentUsd: '0.00', limitUsd: '10', message: `Budget of ${name}.` },
  };
  return aCachedChannel(name, {
    spec: { budget: { usd: '10', actionAt100Percent: 'agora-only', ...budget } },
    annotations: { [annotations.budget]: JSON.stringify(decision) },
  });
}

test('an hour is read from its beginning, and a show from the hour of its beginning', () => {
  expect(periodToRead(channelWith('a', { per: 'hour' }), now)).toEqual({
    ...{ channelId: 'a', since: new Date('2026-11-23T12:00:00Z'), show: undefined },
  });
  expect(periodToRead(channelWith('a', { per: 'show' }), now)).toEqual({
    ...{ channelId: 'a', since: new Date('2026-11-23T11:00:00Z'), show: new Date(show) },
  });
  expect(periodToRead(channelWith('a', { per: 'show' }, { period: 'next' }), now)).toBeUndefined();
  expect(periodToRead(channelWith('a', { per: 'month' }), now)).toBeUndefined();
});

test('what is spent is that of the ledger, because decisions keep the amount of when they changed', () => {
  const channels = withBudget([
    aCachedChannel('without'),
    channelWith('waiting', { per: 'show' }, { period: 'next' }),
    channelWith('monthly', { per: 'month' }),
    channelWith('over', { per: 'show' }, { level: 'spent', action: 'agora-only' }),
  ]);
  const views = budgetsView(channels, { month: 4_000_000, byChannel: new Map([['over', 10_500_000]]) });
  expect(views.map((view) => budgetViewSchema.parse(view))).toEqual([
    {
      ...{ channelId: 'over', per: 'show', limitUsd: '10.000000', spentUsd: '10.500000' },
      ...{ level: 'spent', action: 'agora-only', since: show, message: 'Budget of over.' },
    },
    expect.objectContaining({ channelId: 'monthly', spentUsd: '4.000000', action: 'none' }),
    // No show has begun: what it spent is not 0, but unknown.
    expect.objectContaining({ channelId: 'waiting', spentUsd: null }),
  ]);
});

test('an action that the budget no longer requires is not in force', () => {
  const [view] = budgetsView([channelWith('a', { per: 'hour' }, { level: 'spent', action: 'stop' })], {
    month: 0,
    byChannel: new Map(),
  });
  expect(view?.action).toBe('none');
});
