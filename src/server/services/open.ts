import { randomBytes } from 'node:crypto';
import type { Registry } from 'prom-client';
import type { KubeClient } from '../../kube/client.ts';
import { systemClock, type Clock } from '../../base/clock.ts';
import type { Logger } from '../../base/logger.ts';
import type { KubeMetrics } from '../../kube/metrics.ts';
import type { Store } from '../../store/store.ts';
import { ticketKeysIn } from '../auth/tickets/ticket-keys.ts';
import { TicketTokens } from '../auth/tickets/ticket-tokens.ts';
import { AlertFeed } from '../cache/alert-feed.ts';
import { ChannelCache } from '../cache/channel-cache.ts';
import { LatestNumbers } from '../cache/latest-numbers.ts';
import { LiveNumbers } from '../cache/live-numbers.ts';
import { HostSweep } from '../agora-notifications/host-sweep.ts';
import { NotificationSecrets } from '../agora-notifications/notification-secrets.ts';
import { NotificationReceiver, type AgoraNotifications } from '../agora-notifications/receiver.ts';
import type { Services } from '../service.ts';
import type { ApiSettings } from '../settings.ts';
import { Administration } from './administration.ts';
import { AuditLog } from './audit-log.ts';
import { CallGuard } from './call-guard.ts';
import { draftOf } from './channel-draft.ts';
import { ChannelWriter } from './channel-writer.ts';
import { FeedbackCounter } from './feedback-counter.ts';
import { EventHub } from './events/event-hub.ts';
import { apiMetrics } from './metrics.ts';
import { PassedTokens } from './passed-tokens.ts';
import { PlaybackSigners } from './playback-signers.ts';
import { PricesFile } from './prices-file.ts';
import { QoeRecorder } from './qoe/qoe-recorder.ts';
import { RelayStarter } from './relay-starter.ts';
import { TicketIssuer } from './ticket-issuer.ts';
import { TicketedServices } from './ticketed-services.ts';

export interface OpenServicesOptions {
  readonly settings: ApiSettings;
  /** Owned by the caller, so it is not closed here. Its fieldManager should be livechannel-api. */
  readonly client: KubeClient;
  /** Owned by the caller, too. undefined: charts, costs, alerts and viewer counts are unavailable. */
  readonly store: Store | undefined;
  readonly logger: Logger;
  readonly registry: Registry;
  /** Metrics of the watches, in the same registry. */
  readonly kubeMetrics?: KubeMetrics;
  readonly clock?: Clock;
  readonly random?: () => number;
}

/** The running services. Dispose of them to stop the watches and end subscriptions. */
export interface OpenServices extends AsyncDisposable {
  readonly services: Services;
  readonly agoraNotifications: AgoraNotifications;
  /** For what is done outside of the services: logins. */
  readonly audit: Pick<AuditLog, 'add'>;
  readonly namespace: string;
  /**
   * Whether the cache has synced once. Stays true while the API server is unavailable: the last state continues to be
   * served, because playback URLs stay valid, and removing every replica from service would be worse. The metric
   * livechannel_api_cache_stale_seconds and a warning in the log report that state.
   */
  ready(): boolean;
  /** Resolves when `ready()` is true. */
  synced(): Promise<void>;
}

/**
 * Starts the watches. Disposing of the result ends all subscriptions, and writes the remaining entries of the audit log.
 *
 * @example
 * await using open = openServices({ settings, client, store, logger, registry });
 * await open.synced();
 * const { value, etag } = await open.services.channel(call, 'show-1');
 */
export function openServices({
  settings,
  client,
  store,
  logger,
  registry,
  kubeMetrics,
  clock = systemClock,
  random = Math.random,
}: OpenServicesOptions): OpenServices {
  const namespace = settings.LIVECHANNEL_API_NAMESPACE ?? client.namespace;
  const cache = new ChannelCache({ client, namespace, clock, random, logger, metrics: kubeMetrics });
  const numbers = new LatestNumbers({ store, namespace, clock, logger });
  const live = new LiveNumbers({ store, namespace, clock, logger });
  const alerts = new AlertFeed({ store, namespace, clock, logger });
  const audit = new AuditLog(store, clock, logger);
  const metrics = apiMetrics(registry, {
    channels: () => cache.size,
    brokenSeconds: () => cache.brokenSeconds(),
    numbersAgeSeconds: () => numbers.ageSeconds(),
    liveNumbersAgeSeconds: () => live.ageSeconds(),
    subscribers: () => hub.subscribers,
    auditWaiting: () => audit.waiting,
    auditDropped: () => audit.dropped,
    auditOmitted: () => audit.omitted,
    leftOut: () => store?.leftOutRows() ?? new Map(),
    players: () => quality.players((id) => cache.channel(id)),
  });
  const hub = new EventHub({
    cache,
    numbers,
    alerts,
    live,
    clock,
    mostSubscribers: settings.LIVECHANNEL_API_MAX_SUBSCRIBERS,
    onEvent: (type) => metrics.events.inc({ type }),
    onCut: () => metrics.cut.inc(),
  });
  const prices = new PricesFile(settings.LIVECHANNEL_PRICES_FILE, logger);
  const complaints = new FeedbackCounter(metrics.complaints, clock, logger);
  const quality = new QoeRecorder(metrics.players, {
    ...{ store, namespace, clock, logger },
    replica: randomBytes(9).toString('base64url'),
  });
  cache.subscribe(({ type, object }) => {
    if (type !== 'deleted') return;
    complaints.forget(object);
    quality.forget(object);
  });
  const writer = new ChannelWriter(client, cache);
  const guard = new CallGuard({ namespace, clock, logger, metrics, audit });
  const services = new TicketedServices({
    settings,
    client,
    clock,
    cache,
    numbers,
    live,
    openAlerts: () => alerts.open(),
    store,
    guard,
    writer,
    starter: new RelayStarter({
      cache,
      writer,
      clock,
      logger,
      waitMs: settings.LIVECHANNEL_API_START_TIMEOUT_SECONDS * 1_000,
      tokens: new PassedTokens({ client, clock, accept: settings.LIVECHANNEL_API_ACCEPT_AGORA_TOKENS }),
    }),
    signers: new PlaybackSigners(
      settings.LIVECHANNEL_API_PLAYBACK_KEYS_DIR,
      (name) => cache.platform(name),
      clock,
    ),
    tickets: new TicketIssuer(
      new TicketTokens(
        ticketKeysIn(settings.LIVECHANNEL_API_TICKET_KEYS_DIR, clock, logger),
        namespace,
        clock,
      ),
      clock,
      () => randomBytes(12).toString('base64url'),
    ),
    hub,
    prices,
    complaints,
    quality,
    administration: new Administration({ store, guard, namespace, clock, random: randomBytes }),
  });

  const secretsDir = settings.LIVECHANNEL_API_AGORA_NOTIFICATIONS_DIR;
  const agoraNotifications = new NotificationReceiver({
    secrets: secretsDir === undefined ? undefined : new NotificationSecrets(secretsDir, clock),
    maxPerMinute: settings.LIVECHANNEL_API_AGORA_NOTIFICATIONS_RATE_LIMIT,
    policy: {
      createChannels: settings.LIVECHANNEL_API_AGORA_NOTIFICATIONS_CREATE_CHANNELS,
      project: settings.LIVECHANNEL_API_AGORA_SECRET,
      template: settings.LIVECHANNEL_API_DEFAULTS.agoraChannelName ?? '{channelId}',
    },
    draft: (id, agoraChannelName) =>
      draftOf({ id, onAir: true, agoraChannelName, startOn: 'host' }, namespace, settings, undefined),
    ...{ cache, writer, store, audit, metrics, clock, logger },
  });

  const sweep =
    secretsDir === undefined || store === undefined
      ? undefined
      : new HostSweep({ cache, writer, store, audit, metrics, clock, logger, random });

  const stop = new AbortController();
  const watchAge = async (): Promise<void> => {
    const staleSeconds = settings.LIVECHANNEL_API_STALE_SECONDS;
    while (!stop.signal.aborted) {
      await clock.sleep(staleSeconds * 1_000, stop.signal);
      const seconds = Math.round(cache.brokenSeconds());
      if (seconds >= staleSeconds)
        logger.warn({ seconds }, 'the API server is unreachable; served data may be stale');
    }
  };
  const running = Promise.all([
    cache.run(stop.signal),
    numbers.run(stop.signal),
    live.run(stop.signal),
    alerts.run(stop.signal),
    audit.run(stop.signal),
    prices.run(clock, stop.signal),
    quality.run(stop.signal),
    sweep?.run(stop.signal),
    watchAge(),
  ]);
  return {
    services,
    agoraNotifications,
    audit,
    namespace,
    ready: () => cache.ready,
    synced: () => cache.synced(),
    async [Symbol.asyncDispose]() {
      hub[Symbol.dispose]();
      stop.abort();
      await running;
    },
  };
}
