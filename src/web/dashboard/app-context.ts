import { createContext, useContext } from 'react';
import type { OpenPlot } from './channel/charts/plot.ts';
import type { LiveFeed } from './live/live-feed.ts';
import type { DashboardService } from './service/dashboard-service.ts';
import type { Queries } from './service/queries.ts';
import type { SessionService } from './service/session.ts';
import type { Words } from './text/words.ts';

/** What components use and do not create. */
export interface App {
  readonly service: DashboardService;
  readonly sessions: SessionService;
  readonly feed: LiveFeed;
  readonly queries: Queries;
  readonly words: Words;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly openPlot: OpenPlot;
}

const AppContext = createContext<App | undefined>(undefined);
export const AppProvider = AppContext.Provider;

export function useApp(): App {
  const app = useContext(AppContext);
  if (app === undefined) throw new Error('a component is rendered outside of AppProvider');
  return app;
}

export function useWords(): Words {
  return useApp().words;
}
