import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { useApp } from '../app-context.ts';
import { Queried } from '../parts/queried.tsx';
import { PageTitle } from '../shell/page-title.tsx';
import { ChannelList } from './channel-list.tsx';
import { FirstRun } from './first-run.tsx';
import { Summary } from './summary.tsx';

/** All channels at once: their figures together, and a table of them. */
export function OverviewPage(): ReactNode {
  const { queries, words } = useApp();
  const channels = useQuery(queries.channels);
  return (
    <>
      <PageTitle>{words.texts.overview.title}</PageTitle>
      {channels.data?.size === 0 ? (
        <FirstRun />
      ) : (
        <>
          <Summary />
          <Queried query={channels}>{(data) => <ChannelList channels={data} />}</Queried>
        </>
      )}
    </>
  );
}
