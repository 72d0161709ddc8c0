import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useApp } from '../app-context.ts';
import { Queried } from '../parts/queried.tsx';
import { AdminPage } from '../shell/admin-page.tsx';
import { BreakEvenCard } from './break-even-card.tsx';
import { BudgetsCard } from './budgets-card.tsx';
import { CostSummary } from './cost-summary.tsx';
import { CostTable } from './cost-table.tsx';
import { CostsFilters } from './costs-filters.tsx';
import { daysOf } from './costs-range.ts';
import type { CostsPartProps, CostsSearch } from './costs-search.ts';
import { WhatIfCard } from './what-if-card.tsx';
import { useCostQueries, useCostTexts } from './use-costs.ts';

const route = getRouteApi('/costs');

/** What was spent, what Agora alone would have cost, and what another audience or other prices would cost. */
export function CostsPage(): ReactNode {
  const text = useCostTexts();
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const onChange = (changed: CostsSearch): void =>
    void navigate({
      search: (before) => ({ ...before, ...changed }),
      replace: true,
      resetScroll: false,
    });
  return (
    <AdminPage title={text.title}>
      <CostsParts search={search} onChange={onChange} />
    </AdminPage>
  );
}

function CostsParts({ search, onChange }: CostsPartProps): ReactNode {
  const { now } = useApp();
  const queries = useCostQueries();
  const days = daysOf(search, now());
  const costs = useQuery(queries.costs(days));
  const prices = useQuery(queries.prices);
  return (
    <>
      <CostsFilters search={search} days={days} onChange={onChange} />
      <Queried query={costs}>
        {(data) => (
          <>
            <CostSummary costs={data} />
            <CostTable costs={data} days={days} search={search} onChange={onChange} />
          </>
        )}
      </Queried>
      <BudgetsCard />
      {!prices.isPending && (
        <Queried query={prices}>
          {(data) => (
            <>
              <BreakEvenCard prices={data} search={search} onChange={onChange} />
              <WhatIfCard prices={data} search={search} onChange={onChange} />
            </>
          )}
        </Queried>
      )}
    </>
  );
}
