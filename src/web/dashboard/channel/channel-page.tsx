import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { ChannelView } from '../../../api/channel-view.ts';
import { useApp } from '../app-context.ts';
import { Empty } from '../parts/notices.tsx';
import { Queried } from '../parts/queried.tsx';
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
  return (
    <>
      <Link to="/" className="back">
        {words.texts.channel.back}
      </Link>
      <PageTitle>{channelId}</PageTitle>
      <Queried query={channels}>
        {(data) => {
          const channel = data.get(channelId);
          if (channel !== undefined) return <ChannelParts channel={channel} />;
          return <Empty>{fill(words.texts.channel.notFound, { id: channelId })}</Empty>;
        }}
      </Queried>
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
