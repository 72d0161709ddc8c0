import { useQuery } from '@tanstack/react-query';
import { useSyncExternalStore, type ReactNode } from 'react';
import { useApp, useWords } from '../app-context.ts';
import { freshnessOf, type Freshness } from '../live/freshness.ts';
import type { Connection } from '../live/live-feed.ts';
import { useNow } from '../parts/use-now.ts';

export function useConnection(): Connection {
  const { feed } = useApp();
  return useSyncExternalStore(feed.subscribe, () => feed.connection);
}

/** How old the numbers are. */
export function useFreshness(): Freshness {
  const { queries } = useApp();
  const { data } = useQuery(queries.numbers);
  return freshnessOf(data?.receivedAt, useNow());
}

/** "Live, 2 s ago": beside everything that is shown. */
export function FreshnessBadge(): ReactNode {
  const { texts, count } = useWords();
  const freshness = useFreshness();
  return (
    <p className="freshness" data-state={freshness.state}>
      <span className="dot" aria-hidden="true" />
      {freshness.state === 'unknown' && texts.live.connecting}
      {freshness.state !== 'unknown' &&
        (freshness.seconds === 0
          ? texts.live.now
          : freshness.seconds < 60
            ? count(texts.live.ago, freshness.seconds)
            : count(texts.live.minutesAgo, Math.floor(freshness.seconds / 60)))}
    </p>
  );
}
