import type { Registry } from 'prom-client';
import { activeRecord } from '../api/annotations/stream-records.ts';
import type { LiveChannel } from '../api/live-channel.ts';
import type { RelayReport } from '../api/relay-contract.ts';
import type { Clock } from '../base/clock.ts';
import { errorSummary } from '../base/error-text.ts';
import type { Logger } from '../base/logger.ts';
import { WatchedFile } from '../base/watched-file.ts';
import { builtInPrices } from '../costs/list-prices.ts';
import { parsePrices } from '../costs/parse-prices.ts';
import type { Prices } from '../costs/viewer-prices.ts';
import type { KubeClient } from '../kube/client.ts';
import type { Change } from '../kube/reflector.ts';
import type { ObjectRef, ResourceType } from '../kube/resource.ts';
import type { Store } from '../store/store.ts';
import type { EmitEvent } from './cost-control/annotation-policy.ts';
import { Annotator } from './cost-control/annotator.ts';
import { CostController } from './cost-control/cost-controller.ts';
import { runDatabaseTasks } from './database-tasks.ts';
import { recorderMetricDefinitions, recorderMetrics } from './metrics.ts';
import { Alerts } from './recording/alerts.ts';
import { Audience } from './recording/audience.ts';
import { Ledger } from './recording/ledger.ts';
import { NotifiedAudience } from './recording/notified-audience.ts';
import type { Platforms } from './recording/pricing-inputs.ts';
import { Projector } from './recording/projection.ts';
import { SampleBuffer } from './recording/sample-buffer.ts';
import { SampleWriter } from './recording/sample-writer.ts';
import { Sampler } from './recording/sampler.ts';
import { channelKey, type Seen } from './recording/take-sample.ts';
import { upkeep } from './recording/upkeep.ts';
import { UsageKeeper, type UsageKeeperOptions } from './recording/usage-keeper.ts';
import { openWebhook } from './recording/webhook/open-webhook.ts';
import { WebhookDelivery } from './recording/webhook/webhook-delivery.ts';
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
  /** Whether there are channels that this version cannot decode. */
  readonly hasUnreadable: () => boolean;
  /** Calls `notify` for every change of a channel; returns a function that unsubscribes. */
  readonly onChange: (notify: (change: Change<LiveChannel>) => void) => () => void;
  /** The last report of the channel's relay, from memory. */
  readonly report: (channel: LiveChannel) => RelayReport | undefined;
  /** The platform's usage data; undefined if it has none, or is not usable now. */
  readonly usageOf: UsageKeeperOptions['usageOf'];
  /** The last number of viewers that the platform reported for a stream, from memory. */
  readonly hlsViewers: (platform: string, streamId: string) => number | undefined;
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
  });
  const audiencePollMs = Math.min(intervalMs, MAX_AUDIENCE_POLL_MS);
  const audience = new Audience(clock, store, audiencePollMs);
  const notified = new NotifiedAudience(clock, store, audiencePollMs);
  const projector = new Projector(options);
  const alerts = new Alerts(store, ({ id, kind, namespace, channelId }) => {
    logger.info({ alert: id, kind, namespace, channel: channelId }, 'alert raised');
  });
  const ledger = new Ledger(clock, store);
  const annotator = new Annotator(options.client, options.channelType, clock);
  const pricesFile = watchPrices(options, (valid) => {
    metrics.pricesValid(valid);
  });
  const prices = (): Prices => pricesFile?.value ?? builtInPrices;
  const costs = new CostController({
    ...{ clock, ledger, alerts, annotator, metrics, platforms, prices, event: options.event },
    modeGraceMs: settings.LIVECHANNEL_MODE_GRACE_SECONDS * 1_000,
  });
  await using webhook = await openWebhook(settings, context);

  const sampler = new Sampler({
    clock,
    intervalMs,
    channels,
    see: (channel, now): Seen => ({
      report: options.report(channel),
      hlsViewers: hlsViewersOf(channel, options.hlsViewers),
      // The app knows its viewers better than notifications can, so a recent report of the app comes first.
      agoraViewers: audience.of(channelKey(channel), now) ?? notified.of(channel, now),
    }),
    onSampled: (sampled) => {
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
    audience,
    notified,
    projector,
    alerts,
    upkeep(clock, store),
    new UsageKeeper({ ...options, ledger, prices, signal }),
    ...(webhook === undefined
      ? []
      : [
          new WebhookDelivery({
            ...context,
            store,
            send: (id, body) => webhook.send(id, body, signal),
            onOutcome: (outcome) => {
              metrics.deliveries.inc({ outcome });
            },
          }),
        ]),
  ];

  const unsubscribe = options.onChange(({ type, object }) => {
    if (type !== 'deleted') projector.changed(object);
    else {
      projector.deleted(object);
      costs.forget(object);
    }
  });
  try {
    await Promise.all([
      sampler.run(signal),
      runTask(annotator, context, signal),
      ...(pricesFile === undefined ? [] : [runTask(pricesFile, context, signal)]),
      runDatabaseTasks({ store, tasks, flush: [writer, ledger] }, context, signal),
    ]);
  } finally {
    unsubscribe();
    for (const { name } of recorderMetricDefinitions) options.registry.removeSingleMetric(name);
  }
}

function watchPrices(
  { settings: { LIVECHANNEL_PRICES_FILE: path }, logger }: RecorderOptions,
  onLook: (valid: boolean) => void,
): WatchedFile<Prices> | undefined {
  if (path === undefined) return undefined;
  const parse = (text: string): Prices => parsePrices(text, path, builtInPrices);
  return new WatchedFile(builtInPrices, { path, everyMs: PRICES_POLL_MS, parse, logger, onLook });
}

function hlsViewersOf(channel: LiveChannel, hlsViewers: RecorderOptions['hlsViewers']): number | undefined {
  const stream = activeRecord(channel);
  return stream?.id === undefined ? undefined : hlsViewers(stream.platform, stream.id);
}
