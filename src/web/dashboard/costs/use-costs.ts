import { useMemo } from 'react';
import { useApp } from '../app-context.ts';
import { costQueries } from './cost-queries.ts';
import { costs } from './en.ts';

/** Words of this page, which are loaded with it and not with the first page. */
export function useCostTexts(): typeof costs {
  return costs;
}

/** What this page reads, likewise. */
export function useCostQueries(): ReturnType<typeof costQueries> {
  const { service } = useApp();
  return useMemo(() => costQueries(service), [service]);
}
