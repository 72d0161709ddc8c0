import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { useEffect, useMemo, useState, type ReactNode } from 'react';
import { useApp } from '../app-context.ts';
import type { Channels } from '../live/live-data.ts';
import { Empty } from '../parts/notices.tsx';
import { ChannelFilters } from './channel-filters.tsx';
import { filterRows, rowsOf, sortRows, type ColumnName } from './channel-rows.ts';
import { ChannelTable } from './channel-table.tsx';
import type { OverviewSearch } from './overview-search.ts';

const route = getRouteApi('/');

/** Browsers allow some 100 changes of the address in 30 s; typing is quicker. */
const ADDRESS_DELAY_MS = 300;

/** Filters and table. The address follows them, so that it can be passed on. */
export function ChannelList({ channels }: { readonly channels: Channels }): ReactNode {
  const { queries, words } = useApp();
  const { data: numbers } = useQuery(queries.numbers);
  const { data: openAlerts } = useQuery(queries.openAlerts);
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const [q, setQ] = useState(search.q ?? '');
  useEffect(() => {
    const timer = setTimeout(() => {
      if (q !== (search.q ?? ''))
        void navigate({ search: (before) => ({ ...before, q: q === '' ? undefined : q }), replace: true });
    }, ADDRESS_DELAY_MS);
    return () => clearTimeout(timer);
  }, [q, search.q, navigate]);
  const change = (changed: OverviewSearch): void =>
    void navigate({ search: (before) => ({ ...before, ...changed }), replace: true });

  const rows = useMemo(() => rowsOf(channels, numbers, openAlerts ?? []), [channels, numbers, openAlerts]);
  const { sort = 'hlsViewers', desc = search.sort === undefined } = search;
  const shown = useMemo(
    () => sortRows(filterRows(rows, { ...search, q }), sort, desc),
    [rows, search, q, sort, desc],
  );
  const sortBy = (column: ColumnName): void =>
    change({ sort: column, desc: column === sort ? !desc : false });

  return (
    <section aria-label={words.texts.table.caption} className="channel-list">
      <ChannelFilters
        q={q}
        onText={setQ}
        search={search}
        onChange={change}
        onClear={() => {
          setQ('');
          change({ q: undefined, state: undefined, platform: undefined, health: undefined });
        }}
        platforms={platformsOf(rows)}
        shown={shown.length}
        total={rows.length}
      />
      {shown.length === 0 ? (
        <Empty>{words.texts.table.nothing}</Empty>
      ) : (
        <ChannelTable rows={shown} sort={sort} descending={desc} onSort={sortBy} />
      )}
    </section>
  );
}

function platformsOf(rows: readonly { readonly platform: string | null }[]): readonly string[] {
  return [...new Set(rows.map(({ platform }) => platform ?? ''))].toSorted();
}
