import type { Registry } from 'prom-client';
import { MAX_INTEGER } from '../api/bounds.ts';
import { activeRecord } from '../api/stream-records.ts';
import type { LiveChannel } from '../api/live-channel.ts';
import type { StreamingPlatform } from '../api/streaming-platform.ts';
import type { RelayReport } from '../api/relay-contract.ts';
import { channelMessages, type ChannelMessage } from '../api/webhooks.ts';
import type { Clock } from '../base/clock.ts';
import { errorSummary } from '../base/error-text.ts';
import type { Logger } from '../base/logger.ts';
import { WatchedFile } from '../base/watched-file.ts';
import { builtInPrices } from '../costs/list-prices.ts';
import { parsePrices } from '../costs/parse-prices.ts';
import type { Prices } from '../costs/viewer-prices.ts';
import type { KubeClient } from '../kube/client.ts';
import type { Change } from '../kube/reflector.ts';
import type { ObjectMeta, ObjectRef, ResourceType } from '../kube/resource.ts';
import type { StreamAnalytics } from '../platforms/platform.ts';
import type { Store } from '../store/store.ts';
import type { EmitEvent } from './cost-control/annotation-policy.ts';
import { Annotator } from './cost-control/annotator.ts';
import { CostController } from './cost-control/cost-controller.ts';
import { runDatabaseTasks } from './database-tasks.ts';
import { AlertWatch } from './alerting/alert-watch.ts';
import { recorderMetricDefinitions, type RecorderMetrics, recorderMetrics } from './metrics.ts';
import { AppMetrics, appMetricsRetention } from './recording/app-metrics.ts';
import { Alerts } from './recording/alerts.ts';
import { Audience } from './recording/audience.ts';
import { History } from './recording/history.ts';
import { Ledger } from './recording/ledger.ts';
import { NotifiedAudience } from './recording/notified-audience.ts';
import type { Platforms } from './recording/pricing-inputs.ts';
import { LiveNumbersWriter } from './recording/live-numbers-writer.ts';
import { Misnamed } from './recording/misnamed.ts';
import { Projector } from './recording/projection.ts';
import { SampleBuffer } from './recording/sample-buffer.ts';
import { SampleWriter } from './recording/sample-writer.ts';
import { Sampler } from './recording/sampler.ts';
import { ServiceHours } from './recording/service-hours.ts';
import { channelKey, countWithin, numbersOf, type Seen } from './recording/take-sample.ts';
import { Unwritten } from './recording/unwritten.ts';
import { upkeep } from './recording/upkeep.ts';
import { UsageKeeper, type UsageKeeperOptions } from './recording/usage-keeper.ts';
import { Announcer } from './recording/webhook/announcer.ts';
import { MessageDelivery } from './recording/webhook/message-delivery.ts';
import { openWebhook } from './recording/webhook/open-webhook.ts';
import { WebhookDelivery } from './recording/webhook/webhook-delivery.ts';
import type { WebhookSender } from './recording/webhook/webhook-sender.ts';
import type { RecorderSettings } from './settings.ts';
import { runTask, type Task } from './task.ts';

/** Interval of reading the price file. */
const PRICES_POLL_MS = 10_000;
/** Audience reports are read at least at this interval, even if samples are rarer. */
const MAX_AUDIENCE_POLL_MS = 10_000;

export interface RecorderOptions {
  readonly settings: RecorderSettings;
  readonly store: Store;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly random: () => number;
  readonly registry: Registry;
  readonly channels: {
    get(ref: ObjectRef): LiveChannel | undefined;
    list(namespace?: string): readonly LiveChannel[];
  };
  readonly platforms: Platforms;
  /** Writes the annotations of channels. */
  readonly client: Pick<KubeClient, 'patchMerge'>;
  readonly channelType: ResourceType<LiveChannel>;
  readonly event: EmitEvent;
  /** Namespaces that are watched; undefined: all. */
  readonly namespaces: readonly string[] | undefined;
  /** Channels, and platforms, that exist and that this version cannot decode. */
  readonly unreadable: () => readonly ObjectMeta[];
  readonly unreadablePlatforms: () => readonly ObjectMeta[];
  /** Calls `notify` for every change of a channel; returns a function that unsubscribes. */
  readonly onChange: (notify: (change: Change<LiveChannel>) => void) => () => void;
  /** The last report of the channel's relay and when it was received, from memory. */
  readonly report: (channel: LiveChannel) => { readonly at: Date; readonly report: RelayReport } | undefined;
  /** The platform's usage data; undefined if it has none, or is not usable now. */
  readonly usageOf: UsageKeeperOptions['usageOf'];
  /** What the platform reported last of a stream, from memory. */
  readonly analytics: (platform: string, streamId: string) => StreamAnalytics | undefined;
  /** The limit of streams of a platform; undefined: none is known, or the platform cannot be opened. */
  readonly maxStreams: (platform: StreamingPlatform, signal: AbortSignal) => Promise<number | undefined>;
}

/**
 * Runs the recorder in the leader until `signal` aborts. Nothing that reconciles a channel waits for it: it reads from
 * memory only, and what the database does not accept waits in a buffer.
 */
export async function runRecorder(options: RecorderOptions, signal: AbortSignal): Promise<void> {
  const { settings, store, clock, logger, random, channels, platforms } = options;
  const context = { clock, logger, random };
  const intervalMs = settings.LIVECHANNEL_SAMPLE_SECONDS * 1_000;
  const buffer = new SampleBuffer(settings.LIVECHANNEL_SAMPLE_BUFFER);
  const writer = new SampleWriter(buffer, store, {
    written: (samples) => {
      metrics.samples.inc(samples);
      metrics.batches.inc({ outcome: 'written' });
    },
    failed: () => {
      metrics.batches.inc({ outcome: 'failed' });
    },
  });
  const metrics = recorderMetrics(options.registry, {
    waiting: () => writer.waiting,
    lagSeconds: () =>
      writer.oldest === undefined ? 0 : (clock.now().getTime() - writer.oldest.getTime()) / 1_000,
    dropped: () => buffer.dropped,
    openAlerts: () => alerts.openByKind(),
    leftOut: () => store.leftOutRows(),
  });
  const audiencePollMs = Math.min(intervalMs, MAX_AUDIENCE_POLL_MS);
  const audience = new Audience(clock, store, audiencePollMs);
  const notified = new NotifiedAudience({
    ...{ clock, store, everyMs: audiencePollMs },
    channels: () => channels.list(),
  });
  const unwritten = new Unwritten(logger, metrics.unwritten);
  const projector = new Projector({
    ...options,
    onUnwritten: (found) => {
      unwritten.channels(found);
    },
  });
  const alerts = new Alerts(store, ({ id, kind, namespace, channelId }) => {
    logger.info({ alert: id, kind, namespace, channel: channelId }, 'alert raised');
  });
  const ledger = new Ledger(clock, store);
  const history = new History({ clock, store, channels });
  const serviceHours = new ServiceHours({ clock, store, intervalMs });
  const annotator = new Annotator(options.client, options.channelType, context);
  const pricesFile = watchPrices(options, (valid) => {
    metrics.pricesValid(valid);
  });
  const prices = (): Prices => pricesFile?.value ?? builtInPrices;
  const costs = new CostController({
    ...{ clock, ledger, alerts, annotator, metrics, platforms, prices, event: options.event },
    modeGraceMs: settings.LIVECHANNEL_MODE_GRACE_SECONDS * 1_000,
  });
  const see = (channel: LiveChannel, now: Date): Seen => {
    const analytics = analyticsOf(channel, options.analytics);
    const last = options.report(channel);
    return {
      report: last?.report,
      reportedAt: last?.at,
      hlsViewers: countWithin(MAX_INTEGER, analytics?.viewers),
      deliveredBytes: countWithin(Number.MAX_SAFE_INTEGER, analytics?.deliveredBytes),
      // The app knows its viewers better than notifications can, so a recent report of the app comes first.
      agoraViewers: countWithin(
        MAX_INTEGER,
        audience.of(channelKey(channel), now) ?? notified.of(channel, now),
      ),
    };
  };
  // Connections are not shared, so that alerts are not delayed by other messages.
  const sendsAlerts = settings.LIVECHANNEL_WEBHOOK_EVENTS.includes('alert');
  await using alertWebhook = sendsAlerts ? await openWebhook(settings, context) : undefined;
  const events = channelMessages.filter((each) => settings.LIVECHANNEL_WEBHOOK_EVENTS.includes(each));
  const sendsMessages = events.length > 0 && (!sendsAlerts || alertWebhook !== undefined);
  await using messageWebhook = sendsMessages ? await openWebhook(settings, context) : undefined;
  const announcing =
    messageWebhook && announcingTasks(options, { events, see, metrics, webhook: messageWebhook }, signal);

  const sampler = new Sampler({
    clock,
    intervalMs,
    channels,
    see,
    onSampled: (sampled) => {
      serviceHours.sampled(sampled);
      if (sampled.sample !== undefined) buffer.push(sampled.sample);
      try {
        costs.onSample(sampled);
      } catch (error) {
        // A fault with one channel must not affect the others.
        const { namespace, name } = sampled.channel.metadata;
        logger.error({ namespace, channel: name, error: errorSummary(error) }, 'cost control failed');
      }
    },
  });
  const tasks: readonly Task[] = [
    writer,
    ledger,
    serviceHours,
    audience,
    notified,
    projector,
    history,
    new LiveNumbersWriter({
      ...{ clock, store, channels, see },
      onWritten: (rows) => {
        metrics.liveRows.inc(rows);
      },
    }),
    alerts,
    upkeep(clock, store),
    ...appMetricsTasks(options, writer, metrics, unwritten),
    new UsageKeeper({ ...options, ledger, prices, signal }),
    new AlertWatch({
      ...options,
      alerts,
      maxStreams: (platform) => options.maxStreams(platform, signal),
    }),
    ...(alertWebhook === undefined
      ? []
      : [
          new WebhookDelivery({
            ...context,
            store,
            send: (id, body) => alertWebhook.send(id, body, signal),
            onOutcome: (outcome) => {
              metrics.deliveries.inc({ type: 'alert', outcome });
            },
          }),
        ]),
    ...(announcing === undefined ? [] : [announcing.announcer, announcing.delivery]),
  ];

  const misnamed = new Misnamed(logger);
  for (const channel of channels.list()) misnamed.seen(channel);
  const unsubscribe = options.onChange((change) => {
    const { type, object, unseen } = change;
    serviceHours.changed(change);
    if (type !== 'deleted') {
      misnamed.seen(object);
      projector.changed(object);
      history.changed(object);
      announcing?.announcer.changed(object);
    } else {
      projector.deleted(object);
      history.deleted(object);
      costs.forget(object);
      announcing?.announcer.deleted(object, unseen);
    }
  });
  try {
    await Promise.all([
      sampler.run(signal),
      annotator.run(signal),
      ...(pricesFile === undefined ? [] : [runTask(pricesFile, context, signal)]),
      runDatabaseTasks({ store, tasks, flush: [writer, ledger, serviceHours, history] }, context, signal),
    ]);
  } finally {
    unsubscribe();
    for (const { name } of recorderMetricDefinitions) options.registry.removeSingleMetric(name);
  }
}

function appMetricsTasks(
  { settings, store, clock, logger }: RecorderOptions,
  writer: SampleWriter,
  metrics: RecorderMetrics,
  unwritten: Unwritten,
): readonly Task[] {
  const rows = settings.LIVECHANNEL_APP_METRICS;
  // Rows from before it was turned off are still deleted when they expire.
  const retention = appMetricsRetention(clock, store);
  if (rows === 'off') return [retention];
  const fill = new AppMetrics({
    ...{ clock, logger, store, rows },
    oldestWaiting: () => writer.oldest,
    onFilled: metrics.appMetrics,
    onRefused: (refused) => {
      unwritten.rows('stream_metrics', refused);
    },
  });
  return [fill, retention];
}

/** Messages about channels. */
function announcingTasks(
  options: RecorderOptions,
  {
    events,
    see,
    metrics,
    webhook,
  }: {
    readonly events: readonly ChannelMessage[];
    readonly see: (channel: LiveChannel, now: Date) => Seen;
    readonly metrics: RecorderMetrics;
    readonly webhook: WebhookSender;
  },
  signal: AbortSignal,
): { readonly announcer: Announcer; readonly delivery: MessageDelivery } {
  const { clock } = options;
  const announcer = new Announcer({
    ...options,
    events: new Set(events),
    numbers: (channel) => numbersOf(see(channel, clock.now())),
  });
  const delivery = new MessageDelivery({
    ...options,
    send: (id, body) => webhook.send(id, body, signal),
    onOutcome: (outcome, type) => {
      metrics.deliveries.inc({ type: type ?? 'any', outcome });
    },
  });
  return { announcer, delivery };
}

function watchPrices(
  { settings: { LIVECHANNEL_PRICES_FILE: path }, logger }: RecorderOptions,
  onLook: (valid: boolean) => void,
): WatchedFile<Prices> | undefined {
  if (path === undefined) return undefined;
  const parse = (text: string): Prices => parsePrices(text, path, builtInPrices);
  return new WatchedFile(builtInPrices, { path, everyMs: PRICES_POLL_MS, parse, logger, onLook });
}

function analyticsOf(
  channel: LiveChannel,
  analytics: RecorderOptions['analytics'],
): StreamAnalytics | undefined {
  const stream = activeRecord(channel);
  return stream?.id === undefined ? undefined : analytics(stream.platform, stream.id);
}
