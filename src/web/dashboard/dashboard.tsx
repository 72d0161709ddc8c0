import { MutationCache, QueryCache, QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider, type RouterHistory } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { AppProvider, type App } from './app-context.ts';
import type { OpenPlot } from './channel/charts/plot.ts';
import { cacheKeys } from './live/cache-keys.ts';
import { LiveCache } from './live/live-cache.ts';
import { LiveFeed } from './live/live-feed.ts';
import { openRouter } from './router.tsx';
import { DashboardService, type ServiceEdge } from './service/dashboard-service.ts';
import { createQueries, forgetSession, retries } from './service/queries.ts';
import { ServiceError } from './service/service-error.ts';
import { SessionService } from './service/session.ts';
import { ErrorBoundary } from './shell/error-boundary.tsx';
import { SessionGate } from './shell/session-gate.tsx';
import type { Words } from './text/words.ts';

/** What the dashboard takes from its surroundings. */
export interface DashboardParts extends ServiceEdge {
  readonly words: Words;
  readonly openPlot: OpenPlot;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly random: () => number;
  /** Calls back with the next frame. */
  readonly onFrame: (callback: () => void) => void;
  /** Default: the address of the browser. */
  readonly history?: RouterHistory | undefined;
}

/** Puts the parts together, once a page load. */
export function createDashboard(parts: DashboardParts): ReactNode {
  const { words, openPlot, now, random, onFrame, origin, history } = parts;
  const onError = (error: unknown): void => {
    if (
      error instanceof ServiceError &&
      error.kind === 'signed-out' &&
      client.getQueryData(cacheKeys.session)
    )
      forgetSession(client);
  };
  const client: QueryClient = new QueryClient({
    queryCache: new QueryCache({ onError }),
    mutationCache: new MutationCache({ onError }),
    defaultOptions: { queries: { retry: retries, refetchOnWindowFocus: false } },
  });
  const service = new DashboardService(parts);
  const sessions = new SessionService(origin, parts.fetch);
  const live = new LiveCache(client, now);
  const feed = new LiveFeed({
    service,
    cache: live,
    onFrame,
    random,
    onEnd: () => void client.invalidateQueries({ queryKey: cacheKeys.session }),
  });
  const queries = createQueries({ service, sessions, live, now });
  const app: App = { service, sessions, feed, queries, words, now, openPlot };
  const router = openRouter(words.texts, history);
  return (
    <ErrorBoundary texts={words.texts}>
      <QueryClientProvider client={client}>
        <AppProvider value={app}>
          <SessionGate>
            <RouterProvider router={router} />
          </SessionGate>
        </AppProvider>
      </QueryClientProvider>
    </ErrorBoundary>
  );
}
