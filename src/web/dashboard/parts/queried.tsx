import type { UseQueryResult } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { Failure, Loading } from './notices.tsx';

interface QueriedProps<T> {
  readonly query: UseQueryResult<T>;
  /** Shows what was read: once it is known, a later failure leaves it in place. */
  readonly children: (data: T) => ReactNode;
}

/** What a query has read; before that, that it is under way, or why it failed, with another try. */
export function Queried<T>({ query, children }: QueriedProps<T>): ReactNode {
  const { data, error, isPending, refetch } = query;
  if (data !== undefined) return children(data);
  return isPending ? <Loading /> : <Failure error={error} onRetry={() => void refetch()} />;
}
