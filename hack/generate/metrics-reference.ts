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
}

async function parts(): Promise<readonly Part[]> {
  const runtime = new Registry();
  kubeMetrics(runtime, 'livechannel_');
  const origin = new OriginMetrics(() => []).registry;
  return [
    {
      title: 'Operator: channels and platforms',
      about: 'Port 8080, `/metrics`.',
      metrics: [...operatorMetrics, ...viewerMetricDefinitions],
    },
    {
      title: 'Operator: the recorder',
      about: 'The same port, where there is a database.',
      metrics: recorderMetricDefinitions,
    },
    { title: 'Service', about: 'Port 8081 of the service, `/metrics`.', metrics: apiMetricDefinitions },
    {
      title: 'Operator: the controller runtime',
      about: 'The same port. The names are those of controller-runtime, after the prefix.',
      metrics: await registered(runtime),
    },
    { title: 'Relay', about: 'Port 8080 of each relay pod, `/metrics`.', metrics: relayMetrics },
    { title: 'Origin', about: 'Port 8081, `/metrics`.', metrics: await registered(origin) },
  ];
}

/** What prom-client knows of a metric, beside its values; its types name only some of it. */
const registeredSchema = z.object({
  name: z.string(),
  help: z.string(),
  labelNames: z.array(z.string()).default([]),
});

/** The product's own metrics of a registry, by name. */
async function registered(registry: Registry): Promise<readonly Metric[]> {
  const types = new Map((await registry.getMetricsAsJSON()).map(({ name, type }) => [name, String(type)]));
  return registry
    .getMetricsAsArray()
    .map((metric) => registeredSchema.parse(metric))
    .filter(({ name }) => name.startsWith('livechannel_'))
    .sort((a, b) => a.name.localeCompare(b.name, 'en'))
    .map(({ name, help, labelNames }) => ({ name, type: types.get(name) ?? '', help, labels: labelNames }));
}

/** docs/reference/metrics.md: what each part shows to Prometheus. */
export async function metricsReference(): Promise<string> {
  const sections = (await parts()).map(
    ({ title, about, metrics }) => `## ${title}\n\n${about}\n\n${metricTable(metrics)}\n`,
  );
  return [
    generatedNotice,
    '# Metrics\n',
    'For Prometheus. The operator and the origin also have the metrics of their processes (`process_*`, `nodejs_*`).\n',
    ...sections,
  ].join('\n');
}

function metricTable(metrics: readonly Metric[]): string {
  return table(
    ['Metric', 'Type', 'Labels', 'Meaning'],
    metrics.map(({ name, type, labels, help }) => [code(name), type, labels.map(code).join(', '), help]),
  );
}
