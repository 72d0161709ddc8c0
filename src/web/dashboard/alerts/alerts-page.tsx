import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { useApp } from '../app-context.ts';
import { Empty } from '../parts/notices.tsx';
import { Queried } from '../parts/queried.tsx';
import { PageTitle } from '../shell/page-title.tsx';
import { AlertList } from './alert-list.tsx';

/** Alerts that are open, the newest first. */
export function AlertsPage(): ReactNode {
  const { queries, words } = useApp();
  const { texts } = words;
  const alerts = useQuery(queries.openAlerts);
  return (
    <>
      <PageTitle>{texts.alerts.title}</PageTitle>
      <Queried query={alerts}>
        {(data) =>
          data.length === 0 ? (
            <Empty>{texts.alerts.none}</Empty>
          ) : (
            <section className="card" aria-label={texts.alerts.title}>
              <AlertList alerts={data.toSorted((a, b) => b.raisedAt.localeCompare(a.raisedAt))} withChannel />
            </section>
          )
        }
      </Queried>
    </>
  );
}
