import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { useApp } from '../app-context.ts';
import { Empty, Failure, Loading } from '../parts/notices.tsx';
import { PageTitle } from '../shell/page-title.tsx';
import { AlertList } from './alert-list.tsx';

/** Alerts that are open, the newest first. */
export function AlertsPage(): ReactNode {
  const { queries, words } = useApp();
  const { texts } = words;
  const { data, error, isPending, refetch } = useQuery(queries.openAlerts);
  return (
    <>
      <PageTitle>{texts.alerts.title}</PageTitle>
      {data === undefined ? (
        isPending ? (
          <Loading />
        ) : (
          <Failure error={error} onRetry={() => void refetch()} />
        )
      ) : data.length === 0 ? (
        <Empty>{texts.alerts.none}</Empty>
      ) : (
        <section className="card" aria-label={texts.alerts.title}>
          <AlertList alerts={data.toSorted((a, b) => b.raisedAt.localeCompare(a.raisedAt))} withChannel />
        </section>
      )}
    </>
  );
}
