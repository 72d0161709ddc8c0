import { Registry, collectDefaultMetrics } from 'prom-client';
import { managers } from '../api/agora-token-secret.ts';
import { FIELD_MANAGER, labels } from '../api/names.ts';
import { activeRecord } from '../api/stream-records.ts';
import { whenAborted } from '../base/abort.ts';
import { AllowedAddresses } from '../base/http/allowed-addresses.ts';
import { OutgoingClient } from '../base/http/outgoing-client.ts';
import { connect } from '../kube/client.ts';
import { systemClock, type Clock } from '../base/clock.ts';
import { podType, secretType } from '../kube/core-types.ts';
import type { Logger } from '../base/logger.ts';
import { Manager } from '../kube/manager.ts';
import { kubeMetrics } from '../kube/metrics.ts';
import type { Reflector } from '../kube/reflector.ts';
import { keyOf, type KubeObject } from '../kube/resource.ts';
import { watchMapped, watchFor, watchOwns } from '../kube/watches.ts';
import { streamId } from '../platforms/platform.ts';
import { RateLimits } from '../platforms/rate-limit.ts';
import { RelayHealthPoller } from '../controllers/relays/relay-health-poller.ts';
import { capacityOf, StreamQuota } from '../controllers/platforms/stream-quota.ts';
import { clusterUid } from '../cluster/cluster-uid.ts';
import { multiNamespaceLister } from '../cluster/multi-namespace-lister.ts';
import { PendingCreates } from '../controllers/platforms/pending-creates.ts';
import { ChannelObjects } from '../controllers/live-channel/objects.ts';
import { ChannelReconciler } from '../controllers/live-channel/reconciler.ts';
import { operatorMetrics } from '../controllers/metrics.ts';
import { NodeLeases } from '../controllers/cluster/node-leases.ts';
import { PlaybackProbes, playlistProbe } from '../controllers/platforms/playback-probes.ts';
import { PlatformAnalytics } from '../controllers/platforms/platform-analytics.ts';
import { PlatformDirectory } from '../cluster/platform-directory.ts';
import { PlatformConcurrencyLimiter } from '../controllers/platforms/platform-concurrency.ts';
import { StreamExistenceCache } from '../controllers/platforms/stream-existence-cache.ts';
import { relayCommands } from '../controllers/relays/relay-commands.ts';
import { RelayReports } from '../controllers/relays/relay-reports.ts';
import { liveChannelType, streamingPlatformType } from '../api/kinds.ts';
import { SecretReader } from '../cluster/secret-reader.ts';
import type { OperatorSettings } from './settings.ts';
import { OrphanSweep } from '../controllers/streaming-platform/orphan-sweep.ts';
import { ViewerAbsence } from '../controllers/platforms/viewer-absence.ts';
import { PlatformReconciler } from '../controllers/streaming-platform/reconciler.ts';
import { ViewerMetrics } from '../controllers/streaming-platform/viewer-metrics.ts';

/** Older reports are not recorded. Relays on air are polled every few seconds. */
const REPORT_MAX_AGE_MS = 15_000;

export interface OperatorOptions {
  readonly settings: OperatorSettings;
  readonly logger: Logger;
  /** Identity in the leader election. */
  readonly identity: string;
  readonly signal: AbortSignal;
  readonly kubeconfigPath?: string;
  readonly clock?: Clock;
}

/** Runs the controllers until `signal` aborts. Throws when leadership is lost; the process must exit then. */
export async function startOperator({
  settings,
  logger,
  identity,
  signal,
  kubeconfigPath,
  clock = systemClock,
}: OperatorOptions): Promise<void> {
  const namespaces = settings.LIVECHANNEL_WATCH_NAMESPACES;
  const watched = namespaces.length === 0 ? undefined : namespaces;
  const hasDatabase = settings.DATABASE_URL !== undefined || settings.DATABASE_URL_FILE !== undefined;
  if (hasDatabase) {
    const { verifyDatabaseSettings } = await import('../recorder/database-settings.ts');
    await verifyDatabaseSettings(settings, watched);
  }
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const runtimeMetrics = kubeMetrics(registry, 'livechannel_');
  await using client = await connect({
    fieldManager: FIELD_MANAGER,
    observer: runtimeMetrics.requests,
    ...(kubeconfigPath === undefined ? {} : { kubeconfigPath }),
  });
  const clusterId = settings.LIVECHANNEL_CLUSTER_ID ?? (await clusterUid(client, signal));
  const manager = new Manager({
    client,
    clock,
    logger,
    component: 'livechannel-operator',
    ...(settings.LIVECHANNEL_LEADER_ELECTION
      ? {
          leaderElection: {
            leaseName: 'livechannel-operator',
            namespace: settings.LIVECHANNEL_NAMESPACE,
            identity,
          },
        }
      : {}),
    metrics: runtimeMetrics,
    http: { host: settings.LIVECHANNEL_HTTP_HOST, port: settings.LIVECHANNEL_HTTP_PORT, registry },
  });

  const scopes = namespaces.length === 0 ? [{}] : namespaces.map((namespace) => ({ namespace }));
  const childrenOf = (...managedBy: readonly string[]): string =>
    `${labels.managedBy} in (${managedBy.join(',')}),${labels.channel}`;
  const labelSelector = childrenOf(managers.operator);
  const platforms = manager.reflector(streamingPlatformType);
  const channels = scopes.map((scope) => manager.reflector(liveChannelType, scope));
  const pods = scopes.map((scope) => manager.reflector(podType, { ...scope, labelSelector }));
  // Relays' Secrets, and those with an Agora token that an app passed to the service.
  const relaySecrets = scopes.map((scope) =>
    manager.reflector(secretType, {
      ...scope,
      labelSelector: childrenOf(managers.operator, managers.service),
    }),
  );
  const allChannels = multiNamespaceLister(channels);

  const secrets = new SecretReader(client, clock);
  for (const each of relaySecrets) each.subscribe(({ object }) => secrets.forget(object.metadata));
  const directory = new PlatformDirectory(platforms.store, secrets, {
    clusterId,
    clock,
    rateLimits: new RateLimits(clock),
  });
  const quota = new StreamQuota(allChannels, clock, (channel) => {
    const home = directory.home(channel);
    return home.ok ? home.value.metadata.name : undefined;
  });
  const objects = new ChannelObjects(
    { channels: allChannels, pods: multiNamespaceLister(pods), secrets: multiNamespaceLister(relaySecrets) },
    clock,
  );
  const reports = new RelayReports(clock);
  await using outgoing = new OutgoingClient({ addresses: new AllowedAddresses() });
  const poller = new RelayHealthPoller({
    clock,
    reports,
    onChange: (channel) => {
      channelController.queue.add(keyOf(channel), { priority: 10 });
    },
  });
  manager.background({ name: 'active-watch', needsLeadership: true, run: (end) => poller.run(end) });
  onDeleted(channels, (channel) => objects.channelDeleted(channel));
  onDeleted(relaySecrets, (secret) => objects.secretDeleted(secret));
  onDeleted(pods, (pod) => {
    objects.podDeleted(pod);
    reports.forget(pod.metadata.uid);
  });
  const viewers = new ViewerAbsence(clock);
  const checkEveryMs = settings.LIVECHANNEL_PLATFORM_CHECK_SECONDS * 1_000;
  const analytics = new PlatformAnalytics(clock, Math.max(60_000, 2.5 * checkEveryMs));
  const metrics = operatorMetrics(registry, () => allChannels.list());

  const relay = {
    image: settings.LIVECHANNEL_RELAY_IMAGE,
    pullPolicy: settings.LIVECHANNEL_RELAY_IMAGE_PULL_POLICY,
    pullSecrets: settings.LIVECHANNEL_RELAY_IMAGE_PULL_SECRETS,
  };
  const channelReconciler = new ChannelReconciler({
    deps: {
      client,
      clock,
      platforms: directory,
      quota,
      concurrency: new PlatformConcurrencyLimiter((channel) => {
        channelController.queue.add(keyOf(channel));
      }),
      creates: new PendingCreates(clock),
      objects,
      commands: relayCommands,
      reports,
      clusterId,
      relay,
      tokenSeconds: settings.LIVECHANNEL_AGORA_TOKEN_SECONDS,
    },
    observeDeps: {
      clock,
      clusterId,
      policy: {
        drainMs: settings.LIVECHANNEL_DRAIN_SECONDS * 1_000,
        returnAfterMs: settings.LIVECHANNEL_FALLBACK_RETURN_SECONDS * 1_000,
        returnAttemptMs: settings.LIVECHANNEL_FALLBACK_ATTEMPT_SECONDS * 1_000,
      },
      relay,
      objects,
      platforms: directory,
      quota,
      secrets,
      reports,
      viewers,
      leases: new NodeLeases(client, clock, logger),
      existence: new StreamExistenceCache(clock),
      probes: new PlaybackProbes(clock, playlistProbe(outgoing)),
    },
    poller,
    events: manager.events,
    metrics,
  });
  const channelController = manager.controller({
    name: 'livechannel',
    workers: settings.LIVECHANNEL_WORKERS,
    watches: [
      ...channels.map((each) => watchFor(each)),
      ...pods.map((each) => watchOwns(each, liveChannelType)),
      ...relaySecrets.map((each) => watchOwns(each, liveChannelType)),
      // Channels may be waiting for the platform that was created or changed.
      watchMapped(platforms, () =>
        allChannels.list().map(({ metadata }) => ({ ...metadata, priority: -10 })),
      ),
    ],
    reconcile: (ref, context) => channelReconciler.reconcile(ref, context),
  });

  const platformReconciler = new PlatformReconciler({
    client,
    clock,
    events: manager.events,
    metrics,
    viewers: new ViewerMetrics(registry),
    absence: viewers,
    analytics,
    platforms: platforms.store,
    channels: allChannels,
    directory,
    sweep: new OrphanSweep(client, clock, settings.LIVECHANNEL_ORPHAN_GRACE_SECONDS * 1_000),
    checkEveryMs,
  });
  manager.controller({
    name: 'streamingplatform',
    workers: 2,
    watches: [watchFor(platforms)],
    reconcile: (ref, context) => platformReconciler.reconcile(ref, context),
  });

  if (hasDatabase)
    manager.background({
      name: 'recorder',
      needsLeadership: true,
      run: async (end) => {
        // Until the caches have synced, existing channels would be recorded as deleted.
        const synced = [platforms, ...channels].map((each) => each.synced());
        await Promise.race([Promise.all(synced), whenAborted(end)]);
        const { record } = await import('../recorder/record.ts'); // not loaded without a database
        await record(
          {
            settings,
            clock,
            logger: logger.child({ part: 'recorder' }),
            random: Math.random,
            registry,
            channels: allChannels,
            platforms: platforms.store,
            client,
            channelType: liveChannelType,
            event: (object, type, reason, message) => {
              manager.events.event(object, type, reason, message);
            },
            namespaces: watched,
            unreadable: () => channels.flatMap(({ store }) => store.unreadable()),
            unreadablePlatforms: () => platforms.store.unreadable(),
            onChange: (listener) => {
              const subscriptions = channels.map((each) => each.subscribe(listener));
              return () => {
                for (const unsubscribe of subscriptions) unsubscribe();
              };
            },
            report: (channel) => {
              const slot = activeRecord(channel)?.slot;
              const pod = slot === undefined ? undefined : objects.pod(channel, slot);
              return pod === undefined ? undefined : reports.lastOf(pod.metadata.uid, REPORT_MAX_AGE_MS);
            },
            usageOf: async (platform, during) => {
              const opened = await directory.openResource(platform, during);
              return opened.ok ? opened.value.driver.usage : undefined;
            },
            analytics: (platform, stream) => analytics.of(platform, streamId(stream)),
            maxStreams: async (platform, during) => {
              // A Secret that cannot be read must not keep alerts of everything else from being raised.
              const opened = await directory.openResource(platform, during).catch(() => undefined);
              return opened?.ok === true
                ? capacityOf(opened.value).maxStreams
                : platform.spec.limits.maxStreams;
            },
          },
          end,
        );
      },
    });

  logger.info(
    { clusterId, identity, watching: namespaces.length === 0 ? 'all namespaces' : namespaces },
    'operator starts',
  );
  await manager.run(signal);
}

/** Calls `handle` for each object whose deletion one of the caches observes. */
function onDeleted<T extends KubeObject>(
  reflectors: readonly Reflector<T>[],
  handle: (object: T) => void,
): void {
  for (const reflector of reflectors)
    reflector.subscribe(({ type, object }) => {
      if (type === 'deleted') handle(object);
    });
}
