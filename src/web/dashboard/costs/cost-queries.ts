import { queryOptions } from '@tanstack/react-query';
import { z } from 'zod';
import { budgetViewSchema, costsViewSchema, pricesViewSchema } from '../../../server/contract/costs.ts';
import { periodOf, type Days } from './costs-range.ts';
import { cacheKeys } from '../live/cache-keys.ts';
import type { DashboardService } from '../service/dashboard-service.ts';
import type { Procedure } from '../service/procedures.ts';

/** The ledger is written every 10 s, and hours of many channels are a large answer. */
const COSTS_MS = 60_000;
const BUDGETS_MS = 15_000;
const MOST_ROWS = 20_000;
const MOST_DAYS = 100;

/** What the page shows: the lines of each bill are left out. */
const shownSchema = costsViewSchema.omit({ lines: true }).extend({
  channels: costsViewSchema.shape.channels.max(MOST_ROWS),
  days: costsViewSchema.shape.days.max(MOST_DAYS),
  platforms: costsViewSchema.shape.platforms.max(MOST_ROWS),
});
export type CostsView = z.infer<typeof shownSchema>;

const costs: Procedure<{ readonly from: string; readonly to: string }, CostsView> = {
  path: 'costs',
  output: shownSchema,
};
const prices = { path: 'prices', output: pricesViewSchema } as const;
const budgets = { path: 'budgets', output: z.array(budgetViewSchema).max(MOST_ROWS) } as const;

/** What the page of costs reads. */
export function costQueries(service: Pick<DashboardService, 'read'>) {
  return {
    costs: (days: Days) =>
      queryOptions({
        queryKey: [...cacheKeys.costs, days.first, days.last],
        queryFn: ({ signal }) => service.read(costs, periodOf(days), signal),
        refetchInterval: COSTS_MS,
      }),
    prices: queryOptions({
      queryKey: cacheKeys.prices,
      queryFn: ({ signal }) => service.read(prices, undefined, signal),
      staleTime: COSTS_MS,
    }),
    budgets: queryOptions({
      queryKey: cacheKeys.budgets,
      queryFn: ({ signal }) => service.read(budgets, undefined, signal),
      refetchInterval: BUDGETS_MS,
    }),
  };
}
