import { Registry } from 'prom-client';
import { z } from 'zod';
import { operatorMetrics } from '../../src/controllers/metrics.ts';
import { kubeMetrics } from '../../src/kube/metrics.ts';
import { OriginMetrics } from '../../src/origin/metrics.ts';
import { code, generatedNotice, table } from './markdown.ts';

/** What prom-client knows of a metric, beside its values; its types name only some of it. */
const metricSchema = z.object({
  name: z.string(),
  help: z.string(),
  labelNames: z.array(z.string()).default([]),
});

interface Part {
  readonly title: string;
  readonly about: string;
  readonly registry: Registry;
}

function parts(): readonly Part[] {
  const operator = new Registry();
  operatorMetrics(operator, () => []);
  const runtime = new Registry();
  kubeMetrics(runtime, 'livechannel_');
  return [
    { title: 'Operator: channels and platforms', about: 'Port 8080, `/metrics`.', registry: operator },
    {
      title: 'Operator: the controller runtime',
      about: 'The same port. The names are those of controller-runtime, after the prefix.',
      registry: runtime,
    },
    { title: 'Origin', about: 'Port 8081, `/metrics`.', registry: new OriginMetrics(() => []).registry },
  ];
}

/** docs/reference/metrics.md: what each part registers. */
export async function metricsReference(): Promise<string> {
  const sections = await Promise.all(
    parts().map(
      async ({ title, about, registry }) => `## ${title}\n\n${about}\n\n${await metricTable(registry)}\n`,
    ),
  );
  return [
    generatedNotice,
    '# Metrics\n',
    'For Prometheus. Every part also has the metrics of its process (`process_*`, `nodejs_*`).\n',
    ...sections,
  ].join('\n');
}

async function metricTable(registry: Registry): Promise<string> {
  const types = new Map((await registry.getMetricsAsJSON()).map(({ name, type }) => [name, String(type)]));
  const rows = registry
    .getMetricsAsArray()
    .map((metric) => metricSchema.parse(metric))
    .filter(({ name }) => name.startsWith('livechannel_'))
    .sort((a, b) => a.name.localeCompare(b.name, 'en'))
    .map(({ name, help, labelNames }) => [
      code(name),
      types.get(name) ?? '',
      labelNames.map(code).join(', '),
      help,
    ]);
  return table(['Metric', 'Type', 'Labels', 'Meaning'], rows);
}
