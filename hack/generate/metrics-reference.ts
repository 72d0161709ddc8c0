import { Registry } from 'prom-client';
import { z } from 'zod';
import { metricDefinitions as operatorMetrics } from '../../src/controllers/metrics.ts';
import { viewerMetricDefinitions } from '../../src/controllers/streaming-platform/viewer-metrics.ts';
import { kubeMetrics } from '../../src/kube/metrics.ts';
import { OriginMetrics } from '../../src/origin/metrics.ts';
import { recorderMetricDefinitions } from '../../src/recorder/metrics.ts';
import { metricDefinitions as relayMetrics } from '../../src/relay/metrics.ts';
import { apiMetricDefinitions } from '../../src/server/services/metrics.ts';
import { code, generatedNotice, table } from './markdown.ts';

interface Metric {
  readonly name: string;
  readonly type: string;
  readonly help: string;
  readonly labels: readonly string[];
}

interface Part {
  readonly title: string;
  readonly about: string;
  readonly metrics: readonly Metric[];
  /** Titles of groups of metrics, and the prefixes that assign metrics to them. Without groups: one table. */
  readonly groups?: readonly Group[];
}

type Group = readonly [title: string, metrics: RegExp];

const runtimeGroups: readonly Group[] = [
  ['Reconciles', /reconcile|_active_workers$/],
  ['Work queue', /_workqueue_/],
  ['Cache', /_reflector_/],
  ['Requests to the API server', /_rest_client_/],
  ['Leader election', /_leader_election_/],
];

const relayGroups: readonly Group[] = [
  ['State', /_(state|live|standby|transcoding|picture|video_output|health|memory_bytes|restarts)(_|$)/],
  ['To the ingest', /_(out|sent|dropped_frames|congestion|av_offset|lag|last_accepted_age|sessions)(_|$)/],
  [
    'From the host',
    /_(in_bitrate|frame_rate|packet_loss|jitter|video_frames|audio_packets|key_?frames?)(_|$)/,
  ],
];

async function parts(): Promise<readonly Part[]> {
  const runtime = new Registry();
  kubeMetrics(runtime, 'livechannel_');
  const origin = new OriginMetrics({ streams: () => [], unpublished: () => 0 }).registry;
  return [
    {
      title: 'Operator: channels and platforms',
      about: 'Port 8080, `/metrics`.',
      metrics: [...operatorMetrics, ...viewerMetricDefinitions],
    },
    {
      title: 'Operator: the recorder',
      about: 'Port 8080, `/metrics`. Only if the operator has a database.',
      metrics: recorderMetricDefinitions,
    },
    { title: 'Service', about: 'Port 8081 of the service, `/metrics`.', metrics: apiMetricDefinitions },
    {
      title: 'Operator: the controller runtime',
      about: 'Port 8080, `/metrics`. After the prefix, the names are those of controller-runtime.',
      metrics: await registered(runtime),
      groups: runtimeGroups,
    },
    {
      title: 'Relay',
      about: 'Port 8080 of each relay pod, `/metrics`.',
      metrics: relayMetrics,
      groups: relayGroups,
    },
    { title: 'Origin', about: 'Port 8081, `/metrics`.', metrics: await registered(origin) },
  ];
}

/** What prom-client knows of a metric, beside its values. Its types declare only some of it. */
const registeredSchema = z.object({
  name: z.string(),
  help: z.string(),
  labelNames: z.array(z.string()).default([]),
});

/** The project's own metrics of a registry, in the order in which they were registered. */
async function registered(registry: Registry): Promise<readonly Metric[]> {
  const types = new Map((await registry.getMetricsAsJSON()).map(({ name, type }) => [name, String(type)]));
  return registry
    .getMetricsAsArray()
    .map((metric) => registeredSchema.parse(metric))
    .filter(({ name }) => name.startsWith('livechannel_'))
    .map(({ name, help, labelNames }) => ({ name, type: types.get(name) ?? '', help, labels: labelNames }));
}

/** docs/reference/metrics.md: the metrics of each component. */
export async function metricsReference(): Promise<string> {
  const sections = (await parts()).map(
    ({ title, about, metrics, groups }) =>
      `## ${title}\n\n${about}\n\n${groups === undefined ? `${metricTable(metrics)}\n` : grouped(metrics, groups)}`,
  );
  return [
    generatedNotice,
    '# Metrics\n',
    'In the format of Prometheus. The operator and the origin also have the metrics of their processes (`process_*`, `nodejs_*`).\n',
    ...sections,
  ].join('\n');
}

/** A table for each group. Each metric is in the first group that matches. */
export function grouped(metrics: readonly Metric[], groups: readonly Group[]): string {
  const of = Map.groupBy(metrics, ({ name }) => {
    const group = groups.find(([, pattern]) => pattern.test(name));
    if (group === undefined)
      throw new Error(`Metric ${name} belongs to no group of the reference. Add it to a group.`);
    return group;
  });
  return groups
    .flatMap((group) => {
      const [title] = group;
      const members = of.get(group);
      return members === undefined ? [] : [`### ${title}\n\n${metricTable(members)}\n`];
    })
    .join('\n');
}

function metricTable(metrics: readonly Metric[]): string {
  return table(
    ['Metric', 'Type', 'Labels', 'Meaning'],
    metrics.map(({ name, type, labels, help }) => [code(name), type, labels.map(code).join(', '), help]),
  );
}
