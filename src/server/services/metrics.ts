import { Counter, Gauge, Histogram, type Registry } from 'prom-client';

/** The service's own metrics. docs/reference/metrics.md is generated from these. */
export const apiMetricDefinitions = [
  {
    name: 'livechannel_api_calls_total',
    type: 'counter',
    help: 'Calls of the service by operation and outcome: ok, or the code of the problem.',
    labels: ['operation', 'outcome'],
  },
  {
    name: 'livechannel_api_call_seconds',
    type: 'histogram',
    help: 'Time that calls of the service take.',
    labels: ['operation'],
  },
  { name: 'livechannel_api_channels', type: 'gauge', help: 'LiveChannels in the cache.', labels: [] },
  {
    name: 'livechannel_api_cache_stale_seconds',
    type: 'gauge',
    help: 'How long the cache has not got through to the API server; 0 while all is well.',
    labels: [],
  },
  {
    name: 'livechannel_api_samples_age_seconds',
    type: 'gauge',
    help: 'Since the newest samples were read from the database; -1 before they ever were.',
    labels: [],
  },
  {
    name: 'livechannel_api_subscribers',
    type: 'gauge',
    help: 'Subscribers of events.',
    labels: [],
  },
  {
    name: 'livechannel_api_events_total',
    type: 'counter',
    help: 'Events that happened, by type; not times their subscribers.',
    labels: ['type'],
  },
  {
    name: 'livechannel_api_subscribers_disconnected_total',
    type: 'counter',
    help: 'Subscribers that did not keep up and were cut.',
    labels: [],
  },
  {
    name: 'livechannel_api_audit_queue_length',
    type: 'gauge',
    help: 'Audit entries that wait for the database.',
    labels: [],
  },
  {
    name: 'livechannel_api_audit_dropped_total',
    type: 'counter',
    help: 'Audit entries that only the log has, because too many waited for the database.',
    labels: [],
  },
] as const;

/** What is read when somebody scrapes. */
export interface Gauges {
  channels(): number;
  brokenSeconds(): number;
  numbersAgeSeconds(): number | undefined;
  subscribers(): number;
  auditWaiting(): number;
  auditDropped(): number;
}

export interface ApiMetrics {
  readonly calls: Counter<'operation' | 'outcome'>;
  readonly seconds: Histogram<'operation'>;
  readonly events: Counter<'type'>;
  readonly cut: Counter;
}

export function apiMetrics(registry: Registry, read: Gauges): ApiMetrics {
  const [calls, seconds, channels, broken, numbersAge, subscribers, events, cut, waiting, dropped] =
    apiMetricDefinitions;
  const registers = [registry];
  const gauge = (definition: { name: string; help: string }, value: () => number): void => {
    new Gauge({
      ...definition,
      registers,
      collect() {
        this.set(value());
      },
    });
  };
  gauge(channels, () => read.channels());
  gauge(broken, () => read.brokenSeconds());
  gauge(numbersAge, () => read.numbersAgeSeconds() ?? -1);
  gauge(subscribers, () => read.subscribers());
  gauge(waiting, () => read.auditWaiting());
  new Counter({
    ...dropped,
    registers,
    collect() {
      this.reset();
      this.inc(read.auditDropped());
    },
  });
  return {
    calls: new Counter({ ...calls, labelNames: calls.labels, registers }),
    seconds: new Histogram({
      ...seconds,
      labelNames: seconds.labels,
      registers,
      buckets: [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 2.5, 5, 15, 30],
    }),
    events: new Counter({ ...events, labelNames: events.labels, registers }),
    cut: new Counter({ ...cut, registers }),
  };
}
