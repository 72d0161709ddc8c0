import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  type RouterHistory,
} from '@tanstack/react-router';
import { parseAuditSearch } from './audit/audit-search.ts';
import { parseChannelSearch } from './channel/channel-search.ts';
import { parseCostsSearch } from './costs/costs-search.ts';
import { OverviewPage } from './overview/overview-page.tsx';
import { parseOverviewSearch } from './overview/overview-search.ts';
import { Crash } from './shell/error-boundary.tsx';
import { NoPage } from './shell/no-page.tsx';
import { Shell } from './shell/shell.tsx';
import type { Texts } from './text/words.ts';

const root = createRootRoute({ component: Shell, notFoundComponent: NoPage });
const overview = createRoute({
  getParentRoute: () => root,
  path: '/',
  validateSearch: parseOverviewSearch,
  component: OverviewPage,
});
const channel = createRoute({
  getParentRoute: () => root,
  path: '/channels/$channelId',
  validateSearch: parseChannelSearch,
  // With the charts, it is as large as all the rest.
  component: lazyRouteComponent(() => import('./channel/channel-page.tsx'), 'ChannelPage'),
});
const alerts = createRoute({
  getParentRoute: () => root,
  path: '/alerts',
  component: lazyRouteComponent(() => import('./alerts/alerts-page.tsx'), 'AlertsPage'),
});
const platforms = createRoute({
  getParentRoute: () => root,
  path: '/platforms',
  component: lazyRouteComponent(() => import('./platforms/platforms-page.tsx'), 'PlatformsPage'),
});
const audit = createRoute({
  getParentRoute: () => root,
  path: '/audit',
  validateSearch: parseAuditSearch,
  component: lazyRouteComponent(() => import('./audit/audit-page.tsx'), 'AuditPage'),
});
const apiKeys = createRoute({
  getParentRoute: () => root,
  path: '/api-keys',
  component: lazyRouteComponent(() => import('./api-keys/api-keys-page.tsx'), 'ApiKeysPage'),
});

const costs = createRoute({
  getParentRoute: () => root,
  path: '/costs',
  validateSearch: parseCostsSearch,
  component: lazyRouteComponent(() => import('./costs/costs-page.tsx'), 'CostsPage'),
});

const routeTree = root.addChildren([overview, channel, platforms, alerts, audit, apiKeys, costs]);

/** Addresses of the dashboard: each page, with its filters and range, can be linked to. */
export function openRouter(texts: Texts, history?: RouterHistory) {
  return createRouter({
    routeTree,
    basepath: '/dashboard',
    defaultErrorComponent: () => <Crash texts={texts} />,
    defaultPreload: 'intent',
    ...(history === undefined ? {} : { history }),
  });
}

declare module '@tanstack/react-router' {
  interface Register {
    router: ReturnType<typeof openRouter>;
  }
}
