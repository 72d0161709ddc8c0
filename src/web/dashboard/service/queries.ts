import { queryOptions, type QueryClient } from '@tanstack/react-query';
import type { ChannelView } from '../../../api/channel-view.ts';
import { cacheKeys } from '../live/cache-keys.ts';
import type { LiveCache } from '../live/live-cache.ts';
import type { DashboardService } from './dashboard-service.ts';
import { PAGE_ITEMS, procedures, type AuditFilter } from './procedures.ts';
import { ServiceError } from './service-error.ts';
import type { SessionService } from './session.ts';
import { metricsRange, type RangeName } from '../channel/charts/range.ts';

/** Costs and rates change with the viewers; the service computes them from numbers that are 2 s old at most. */
const OVERVIEW_MS = 4_000;
const METRICS_MS = 10_000;
const QOE_MS = 30_000;
/** What happens meanwhile comes as events. */
const HISTORY_MS = 60_000;
const PLATFORMS_MS = 30_000;
const AUDIT_MS = 10_000;
/** Entries of the audit log on one page. */
const AUDIT_ENTRIES = 50;
/** More channels than an installation may have. */
const MOST_PAGES = 20;

export interface QueryParts {
  readonly service: DashboardService;
  readonly sessions: SessionService;
  readonly live: LiveCache;
  readonly now: () => number;
}

export type Queries = ReturnType<typeof createQueries>;

/** All that the page reads, as options of TanStack Query. */
export function createQueries({ service, sessions, live, now }: QueryParts) {
  return {
    session: queryOptions({
      queryKey: cacheKeys.session,
      queryFn: ({ signal }) => sessions.current(signal),
      staleTime: Infinity,
    }),
    loginMethods: queryOptions({
      queryKey: cacheKeys.loginMethods,
      queryFn: ({ signal }) => sessions.methods(signal),
    }),
    overview: queryOptions({
      queryKey: cacheKeys.overview,
      queryFn: ({ signal }) => service.read(procedures.overview, undefined, signal),
      refetchInterval: OVERVIEW_MS,
    }),
    channels: queryOptions({
      queryKey: cacheKeys.channels,
      queryFn: ({ signal }) => live.list(() => allChannels(service, signal)),
      // Events keep it current; it is read again when the stream was interrupted.
      staleTime: Infinity,
      structuralSharing: false,
    }),
    numbers: queryOptions({
      queryKey: cacheKeys.numbers,
      queryFn: () => live.numbers(),
      staleTime: Infinity,
      gcTime: Infinity,
      structuralSharing: false,
    }),
    openAlerts: queryOptions({
      queryKey: cacheKeys.openAlerts,
      queryFn: async ({ signal }) =>
        (await service.read(procedures.alerts, { open: true, limit: PAGE_ITEMS }, signal)).items,
      staleTime: Infinity,
    }),
    alertsOf: (channelId: string) =>
      queryOptions({
        queryKey: [...cacheKeys.alerts, channelId],
        queryFn: async ({ signal }) =>
          (await service.read(procedures.alerts, { channelId, limit: 100 }, signal)).items,
      }),
    moments: queryOptions({
      queryKey: cacheKeys.moments,
      queryFn: () => live.moments(),
      staleTime: Infinity,
      gcTime: Infinity,
      structuralSharing: false,
    }),
    platforms: queryOptions({
      queryKey: cacheKeys.platforms,
      queryFn: ({ signal }) => service.read(procedures.platforms, undefined, signal),
      refetchInterval: PLATFORMS_MS,
    }),
    audit: (filter: AuditFilter) =>
      queryOptions({
        queryKey: [...cacheKeys.audit, filter],
        queryFn: ({ signal }) => service.read(procedures.audit, { ...filter, limit: AUDIT_ENTRIES }, signal),
        // Nothing is added to older pages.
        refetchInterval: filter.before === undefined ? AUDIT_MS : false,
      }),
    apiKeys: queryOptions({
      queryKey: cacheKeys.apiKeys,
      queryFn: ({ signal }) => service.read(procedures.apiKeys, undefined, signal),
    }),
    metrics: (channelId: string, range: RangeName) =>
      queryOptions({
        queryKey: [...cacheKeys.metrics, channelId, range],
        queryFn: async ({ signal }) => {
          const { from, to, step } = metricsRange(range, now());
          const points = await service.read(procedures.metrics, { channelId, from, to, step }, signal);
          return { from: Date.parse(from), to: Date.parse(to), step, points };
        },
        refetchInterval: METRICS_MS,
      }),
    history: (channelId: string, range: RangeName) =>
      queryOptions({
        queryKey: [...cacheKeys.history, channelId, range],
        queryFn: ({ signal }) => {
          const { from, to } = metricsRange(range, now());
          return service.read(procedures.history, { channelId, from, to }, signal);
        },
        refetchInterval: HISTORY_MS,
      }),
    qoe: (channelId: string) =>
      queryOptions({
        queryKey: [...cacheKeys.qoe, channelId],
        queryFn: ({ signal }) => service.read(procedures.qoe, { channelId }, signal),
        refetchInterval: QOE_MS,
      }),
  };
}

async function allChannels(service: DashboardService, signal: AbortSignal): Promise<readonly ChannelView[]> {
  const channels: ChannelView[] = [];
  let after: string | undefined;
  for (let pages = 0; pages < MOST_PAGES; pages += 1) {
    const input = { limit: PAGE_ITEMS, ...(after === undefined ? {} : { after }) };
    const { items, next } = await service.read(procedures.channels, input, signal);
    channels.push(...items);
    if (next === undefined) break;
    after = next;
  }
  return channels;
}

/** Whether a failed read is tried again by itself: what is refused remains refused. */
export function retries(failures: number, error: unknown): boolean {
  return failures < 2 && error instanceof ServiceError && error.kind === 'unreachable';
}

/** Forgets all that belongs to the session, so that the next one sees nothing of it. */
export function forgetSession(client: QueryClient): void {
  client.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== cacheKeys.session[0] });
  client.setQueryData(cacheKeys.session, null);
}
