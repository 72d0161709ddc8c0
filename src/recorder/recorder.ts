import { readFile } from 'node:fs/promises';
import type { Registry } from 'prom-client';
import type { LiveChannel } from '../api/live-channel.ts';
import type { RelayReport } from '../api/relay-contract.ts';
import { activeRecord } from '../api/annotations/stream-records.ts';
import type { Clock } from '../base/clock.ts';
import type { Logger } from '../base/logger.ts';
import type { Change } from '../kube/reflector.ts';
import type { KubeClient } from '../kube/client.ts';
import type { ObjectRef, ResourceType } from '../kube/resource.ts';
import { WatchedFile } from '../base/watched-file.ts';
import type { Store } from '../store/store.ts';
import { builtInPrices } from '../costs/list-prices.ts';
import { parsePrices } from '../costs/parse-prices.ts';
import type { Prices } from '../costs/viewer-prices.ts';
import { Alerts } from './recording/alerts.ts';
import { Annotator } from './cost-control/annotator.ts';
import { Audience } from './recording/audience.ts';
import type { EmitEvent } from './cost-control/budget-keeper.ts';
import { governing } from './cost-control/governing.ts';
import { Ledger } from './recording/ledger.ts';
import { recorderMetricDefinitions, recorderMetrics } from './metrics.ts';
import { Projector } from './recording/projection.ts';
import { SampleBuffer } from './recording/sample-buffer.ts';
import { SampleWriter } from './recording/sample-writer.ts';
import { Sampler } from './recording/sampler.ts';
import type { RecorderSettings } from './settings.ts';
import { channelKey, type Seen } from './recording/take-sample.ts';
import { errorSummary } from '../base/error-text.ts';
import { keepDoing, type Task } from './task.ts';
import type { Platforms } from './cost-control/pricing-inputs.ts';
import { upkeep } from './recording/upkeep.ts';
import { UsageKeeper, type UsageKeeperOptions } from './recording/usage-keeper.ts';
import { AllowedAddresses } from './recording/webhook/allowed-addresses.ts';
import { WebhookDelivery } from './recording/webhook/webhook-delivery.ts';
import { WebhookSender } from './recording/webhook/webhook-sender.ts';

/** After the end of leadership, what waits has so long to reach the database. */
const lastWordsMs = 5_000;

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
  /** For annotations of channels. */
  readonly client: Pick<KubeClient, 'patchMerge'>;
  readonly channelType: ResourceType<LiveChannel>;
  readonly event: EmitEvent;
  /** The namespaces that are watched; undefined: all. */
  readonly namespaces: readonly string[] | undefined;
  readonly hasUnreadable: () => boolean;
  /** Tells of every change of a channel from then on; what comes back ends it. */
  readonly onChange: (tell: (change: Change<LiveChannel>) => void) => () => void;
  /** What the channel's relay said last, from memory. */
  readonly report: (channel: LiveChannel) => RelayReport | undefined;
  /** The platform's own figures of what it delivered; undefined where it has none, or cannot be used now. */
  readonly usageOf: UsageKeeperOptions['usageOf'];
  /** What the platform counted last on a stream, from memory. */
  readonly hlsViewers: (platform: string, streamId: string) => number | undefined;
}

/**
 * What the leader does with numbers, until `signal` aborts. The operator's own work never waits for it: what it sees it
 * takes from memory, and what the database does not take waits in a buffer.
 */
export async function runRecorder(options: RecorderOptions, signal: AbortSignal): Promise<void> {
  const { settings, store, clock, logger, random, channels } = options;
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
  const audience = new Audience(clock, store, Math.min(intervalMs, 10_000));
  const projector = new Projector(options);
  const alerts = new Alerts(store, ({ id, kind, namespace, channelId }) => {
    logger.info({ alert: id, kind, namespace, channel: channelId }, 'alert raised');
  });
  const ledger = new Ledger(clock, store);
  const annotator = new Annotator(options.client, options.channelType, clock);
  const book = pricesFile(options, (valid) => {
    metrics.pricesValid(valid);
  });
  const prices = (): Prices => book?.value ?? builtInPrices;
  const governor = governing(options, { ledger, alerts, annotator, metrics, prices });
  await using webhook = await webhookSender(options);

  const sampler = new Sampler({
    clock,
    intervalMs,
    channels,
    see: (channel, now): Seen => ({
      report: options.report(channel),
      hlsViewers: hlsViewersOf(channel, options.hlsViewers),
      agoraViewers: audience.of(channelKey(channel), now),
    }),
    onTurn: (turn) => {
      if (turn.sample !== undefined) buffer.push(turn.sample);
      try {
        governor.onSample(turn);
      } catch (error) {
        // What is odd about one channel is not to be felt by the others.
        const { namespace, name } = turn.channel.metadata;
        logger.error({ namespace, channel: name, error: errorSummary(error) }, 'costs could not be followed');
      }
    },
  });
  const tasks: readonly Task[] = [
    writer,
    ledger,
    audience,
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

  const stopListening = options.onChange(({ type, object }) => {
    if (type !== 'deleted') projector.changed(object);
    else {
      projector.deleted(object);
      governor.forget(object);
    }
  });
  try {
    await Promise.all([
      sampler.run(signal),
      keepDoing(annotator, context, signal),
      ...(book === undefined ? [] : [keepDoing(book, context, signal)]),
      useDatabase(tasks, [writer, ledger], options, signal),
    ]);
  } finally {
    stopListening();
    for (const { name } of recorderMetricDefinitions) options.registry.removeSingleMetric(name);
  }
}

function pricesFile(
  { settings: { LIVECHANNEL_PRICES_FILE: path }, logger }: RecorderOptions,
  onLook: (valid: boolean) => void,
): WatchedFile<Prices> | undefined {
  if (path === undefined) return undefined;
  const parse = (text: string): Prices => parsePrices(text, path, builtInPrices);
  return new WatchedFile(builtInPrices, { path, everyMs: 10_000, parse, logger, onLook });
}

/** Nothing is written before the schema is known to be the right one. */
async function useDatabase(
  tasks: readonly Task[],
  last: readonly Task[],
  options: RecorderOptions,
  signal: AbortSignal,
): Promise<void> {
  const { store, clock, logger, random } = options;
  const ready = new AbortController();
  const check: Task = {
    name: 'database',
    everyMs: 1_000,
    run: async () => {
      await store.check();
      ready.abort();
      return false;
    },
  };
  await keepDoing(check, { clock, logger, random }, AbortSignal.any([signal, ready.signal]));
  if (signal.aborted) return;
  logger.info({}, 'the database is there: recording');
  await Promise.all(tasks.map((task) => keepDoing(task, { clock, logger, random }, signal)));
  await lastWords(last, options);
}

async function lastWords(tasks: readonly Task[], { clock, logger }: RecorderOptions): Promise<void> {
  const end = clock.monotonic() + lastWordsMs;
  const write = async (): Promise<void> => {
    for (const task of tasks) while (clock.monotonic() < end && (await task.run()));
  };
  const over = new AbortController();
  const written = write().catch((error: unknown) => {
    logger.warn({ error: errorSummary(error) }, 'the last samples did not reach the database');
  });
  await Promise.race([written, clock.sleep(lastWordsMs, over.signal)]);
  over.abort();
}

function hlsViewersOf(channel: LiveChannel, hlsViewers: RecorderOptions['hlsViewers']): number | undefined {
  const stream = activeRecord(channel);
  return stream?.id === undefined ? undefined : hlsViewers(stream.platform, stream.id);
}

/** undefined where the settings name no address. What is wrong with them is told, and the rest goes on. */
async function webhookSender({
  settings,
  clock,
  logger,
}: RecorderOptions): Promise<WebhookSender | undefined> {
  const urlFile = settings.LIVECHANNEL_WEBHOOK_URL_FILE;
  const secretFile = settings.LIVECHANNEL_WEBHOOK_SECRET_FILE;
  if (urlFile === undefined && secretFile === undefined) return undefined;
  if (urlFile === undefined || secretFile === undefined) {
    logger.error(
      {},
      'alerts are not sent: LIVECHANNEL_WEBHOOK_URL_FILE and LIVECHANNEL_WEBHOOK_SECRET_FILE must both be set',
    );
    return undefined;
  }
  const addresses = new AllowedAddresses(settings.LIVECHANNEL_WEBHOOK_ALLOWED_NETWORKS);
  const caFile = settings.LIVECHANNEL_WEBHOOK_CA_FILE;
  const ca = caFile === undefined ? {} : { ca: await readFile(caFile, 'utf8') };
  return new WebhookSender({ urlFile, secretFile, addresses, clock, ...ca });
}
