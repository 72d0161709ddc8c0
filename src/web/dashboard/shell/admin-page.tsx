import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { useApp } from '../app-context.ts';
import { mayUse } from '../service/scope.ts';
import { fill } from '../text/words.ts';
import { PageTitle } from './page-title.tsx';

interface AdminPageProps {
  readonly title: string;
  readonly children: ReactNode;
}

/** A page that requires scope admin. Without that scope, it says how to get it. */
export function AdminPage({ title, children }: AdminPageProps): ReactNode {
  const { queries, words } = useApp();
  const { texts } = words;
  const { data: session } = useQuery(queries.session);
  if (!session) return null;
  const { subject, scope } = session;
  return (
    <>
      <PageTitle>{title}</PageTitle>
      {mayUse(session, 'admin') ? (
        children
      ) : (
        <section className="card" aria-labelledby="not-allowed">
          <h2 id="not-allowed">{texts.session.needsAdmin}</h2>
          <p>{fill(texts.session.hasScope, { subject, scope })}</p>
          <p className="quiet">{texts.session.getAdmin}</p>
        </section>
      )}
    </>
  );
}
