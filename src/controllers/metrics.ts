import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { LiveChannel } from '../api/live-channel.ts';
import { relayStatuses } from '../api/values.ts';

/** The metrics of the controllers. docs/reference/metrics.md is generated from them and those of the runtime. */
export const metricDefinitions = [
  {
    name: 'livechannel_channels',
    type: 'gauge',
    help: 'Number of LiveChannels, by relay status and platform.',
    labels: ['relay_status', 'platform'],
  },
  {
    name: 'livechannel_relay_restarts_total',
    type: 'counter',
    help: 'Total number of container restarts and replacements of relay pods, by reason.',
    labels: ['reason'],
  },
  {
    name: 'livechannel_start_seconds',
    type: 'histogram',
    help: 'Time in seconds from when a relay is needed (created, resumed or replaced) until media arrives at the platform.',
    labels: [],
  },
  {
    name: 'livechannel_platform_ready',
    type: 'gauge',
    help: 'Whether the credentials of the StreamingPlatform work: 1 if they do, 0 otherwise.',
    labels: ['platform'],
  },
  {
    name: 'livechannel_platform_streams',
    type: 'gauge',
    help: 'Number of streams of this cluster on the platform.',
    labels: ['platform'],
  },
  {
    name: 'livechannel_platform_orphaned_streams',
    type: 'gauge',
    help: 'Number of streams of this cluster on the platform that no LiveChannel owns.',
    labels: ['platform'],
  },
] as const;

/** The metrics that controllers write to. */
export interface OperatorMetrics {
  readonly restarts: Counter<'reason'>;
  readonly startSeconds: Histogram;
  readonly platformReady: Gauge<'platform'>;
  readonly platformStreams: Gauge<'platform'>;
  readonly orphanedStreams: Gauge<'platform'>;
}

/** Registers the metrics. Channels are counted from the cache at each scrape. */
export function operatorMetrics(registry: Registry, channels: () => readonly LiveChannel[]): OperatorMetrics {
  const [channelsDefinition, restarts, start, ready, streams, orphans] = metricDefinitions;
  const registers = [registry];
  new Gauge({
    ...channelsDefinition,
    labelNames: channelsDefinition.labels,
    registers,
    collect() {
      this.reset();
      for (const status of relayStatuses) this.set({ relay_status: status, platform: '' }, 0);
      for (const { status } of channels())
        this.inc({
          relay_status: status?.relayStatus ?? 'starting',
          platform: status?.streamingPlatform ?? '',
        });
    },
  });
  return {
    restarts: new Counter({ ...restarts, labelNames: restarts.labels, registers }),
    startSeconds: new Histogram({ ...start, registers, buckets: [2, 4, 6, 8, 10, 15, 20, 30, 60, 120, 300] }),
    platformReady: new Gauge({ ...ready, labelNames: ready.labels, registers }),
    platformStreams: new Gauge({ ...streams, labelNames: streams.labels, registers }),
    orphanedStreams: new Gauge({ ...orphans, labelNames: orphans.labels, registers }),
  };
}
