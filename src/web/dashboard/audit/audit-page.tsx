import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useApp } from '../app-context.ts';
import { Empty } from '../parts/notices.tsx';
import { Queried } from '../parts/queried.tsx';
import { AdminPage } from '../shell/admin-page.tsx';
import { AuditFilters } from './audit-filters.tsx';
import { filterOf } from './audit-search.ts';
import { AuditTable } from './audit-table.tsx';

const route = getRouteApi('/audit');

/** Who changed what. The filters and the page are in the address. */
export function AuditPage(): ReactNode {
  const { texts } = useApp().words;
  return (
    <AdminPage title={texts.audit.title}>
      <p className="quiet">{texts.audit.intro}</p>
      <AuditLog />
    </AdminPage>
  );
}

function AuditLog(): ReactNode {
  const { queries, words } = useApp();
  const { texts } = words;
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const filter = filterOf(search);
  const entries = useQuery(queries.audit(filter));
  const next = entries.data?.next;
  return (
    <>
      <AuditFilters
        // A link of a row changes the fields as well.
        key={JSON.stringify(search)}
        search={search}
        onApply={(changed) => void navigate({ search: changed })}
      />
      <Queried query={entries}>
        {({ items }) =>
          items.length === 0 ? (
            <Empty>{Object.keys(filter).length === 0 ? texts.audit.none : texts.audit.nothing}</Empty>
          ) : (
            <AuditTable entries={items} />
          )
        }
      </Queried>
      {(search.before !== undefined || next !== undefined) && (
        <nav className="actions" aria-label={texts.audit.pages}>
          {search.before !== undefined && (
            <Link className="button" to="/audit" search={{ ...search, before: undefined }}>
              {texts.audit.newest}
            </Link>
          )}
          {next !== undefined && (
            <Link className="button" to="/audit" search={{ ...search, before: Number(next) }}>
              {texts.audit.older}
            </Link>
          )}
        </nav>
      )}
    </>
  );
}
