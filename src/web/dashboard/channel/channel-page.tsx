import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { ChannelView } from '../../../api/channel-view.ts';
import { useApp } from '../app-context.ts';
import { Failure, Loading } from '../parts/notices.tsx';
import { PageTitle } from '../shell/page-title.tsx';
import { fill } from '../text/words.ts';
import { ChannelActions } from './actions/channel-actions.tsx';
import { AuditLink } from './audit-link.tsx';
import { ChannelNow } from './channel-now.tsx';
import { Charts } from './charts/charts.tsx';
import { Conditions } from './conditions.tsx';
import { StateCard } from './state-card.tsx';

const route = getRouteApi('/channels/$channelId');

/** One channel: how it is, what happens next, what happened, and what can be done. */
export function ChannelPage(): ReactNode {
  const { queries, words } = useApp();
  const { channelId } = route.useParams();
  const channels = useQuery(queries.channels);
  const channel = channels.data?.get(channelId);
  return (
    <>
      <Link to="/" className="back">
        {words.texts.channel.back}
      </Link>
      <PageTitle>{channelId}</PageTitle>
      {channel !== undefined ? (
        <ChannelParts channel={channel} />
      ) : channels.isPending ? (
        <Loading />
      ) : channels.isError && channels.data === undefined ? (
        <Failure error={channels.error} onRetry={() => void channels.refetch()} />
      ) : (
        <p className="notice">{fill(words.texts.channel.notFound, { id: channelId })}</p>
      )}
    </>
  );
}

function ChannelParts({ channel }: { readonly channel: ChannelView }): ReactNode {
  const { range = '1h' } = route.useSearch();
  const navigate = route.useNavigate();
  return (
    <>
      <div className="section-head">
        <ChannelActions channel={channel} />
        <AuditLink channelId={channel.id} />
      </div>
      <div className="cards wide">
        <StateCard channel={channel} />
        <ChannelNow channel={channel} />
      </div>
      <Charts
        // Another channel starts without the cursor of this one.
        key={channel.id}
        channelId={channel.id}
        range={range}
        onRange={(changed) => void navigate({ search: { range: changed }, replace: true })}
      />
      <Conditions channel={channel} />
    </>
  );
}
