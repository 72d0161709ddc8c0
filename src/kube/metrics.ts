import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { Controller, ControllerObserver } from './controller.ts';
import type { ReflectorObserver } from './reflector.ts';
import type { RequestObserver } from './transport.ts';

/** Observers that turn what the parts of the runtime report into metrics. */
export interface KubeMetrics {
  readonly requests: RequestObserver;
  controller(name: string): ControllerObserver;
  /** Registers a controller for metrics that are computed at each scrape. */
  watchController(controller: Controller): void;
  reflector(kind: string): ReflectorObserver;
  leading(lease: string, is: boolean): void;
}

/** Upper bounds of the histogram buckets. */
const BUCKETS_SECONDS = [0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

/**
 * Registers metrics with controller-runtime's names, so that its dashboards can be adapted. `prefix` replaces
 * `controller_runtime_`, and precedes `workqueue_`, `rest_client_` and `leader_election_`.
 */
export function kubeMetrics(registry: Registry, prefix: string): KubeMetrics {
  const registers = [registry];
  const counter = <L extends string>(name: string, help: string, labelNames: readonly L[]): Counter<L> =>
    new Counter({ name: prefix + name, help, labelNames, registers });
  const gauge = <L extends string>(name: string, help: string, labelNames: readonly L[]): Gauge<L> =>
    new Gauge({ name: prefix + name, help, labelNames, registers });
  const histogram = <L extends string>(name: string, help: string, labelNames: readonly L[]): Histogram<L> =>
    new Histogram({ name: prefix + name, help, labelNames, buckets: BUCKETS_SECONDS, registers });

  const requests = counter(
    'rest_client_requests_total',
    'Total number of requests to the API server, by method, status code and resource.',
    ['method', 'code', 'resource'],
  );
  const requestSeconds = histogram(
    'rest_client_request_duration_seconds',
    'Duration in seconds of requests to the API server, by method and resource.',
    ['method', 'resource'],
  );
  const reconciles = counter('reconcile_total', 'Total number of reconciles, by controller and result.', [
    'controller',
    'result',
  ]);
  const errors = counter('reconcile_errors_total', 'Total number of reconciles that failed.', ['controller']);
  const terminal = counter(
    'terminal_reconcile_errors_total',
    'Total number of reconciles that failed and are not retried.',
    ['controller'],
  );
  const panics = counter(
    'reconcile_panics_total',
    'Total number of reconciles that failed because of a programming error.',
    ['controller'],
  );
  const timeouts = counter(
    'reconcile_timeouts_total',
    'Total number of reconciles that exceeded their time limit.',
    ['controller'],
  );
  const reconcileSeconds = histogram('reconcile_time_seconds', 'Duration of reconciles in seconds.', [
    'controller',
  ]);
  const maxWorkers = gauge(
    'max_concurrent_reconciles',
    'Maximum number of concurrent reconciles of the controller.',
    ['controller'],
  );
  const adds = counter('workqueue_adds_total', 'Total number of objects added to the work queue.', ['name']);
  const retries = counter(
    'workqueue_retries_total',
    'Total number of objects added to the work queue again after a failure.',
    ['name'],
  );
  const queueSeconds = histogram(
    'workqueue_queue_duration_seconds',
    'Time in seconds that an object waits in the work queue before it is reconciled.',
    ['name'],
  );
  const workSeconds = histogram(
    'workqueue_work_duration_seconds',
    'Time in seconds that processing an object from the work queue takes.',
    ['name'],
  );
  const lists = counter(
    'reflector_lists_total',
    'Total number of complete lists fetched from the API server.',
    ['kind'],
  );
  const watches = counter('reflector_watches_total', 'Total number of watches opened at the API server.', [
    'kind',
  ]);
  const failures = counter('reflector_failures_total', 'Total number of lists and watches that failed.', [
    'kind',
  ]);
  const objects = gauge('reflector_objects', 'Number of objects in the cache.', ['kind']);
  const master = gauge(
    'leader_election_master_status',
    'Whether this process is the leader: 1 if it is, 0 otherwise.',
    ['name'],
  );

  const controllers = new Map<string, Controller>();
  const scraped = (
    name: string,
    help: string,
    label: 'name' | 'controller',
    read: (of: Controller) => number,
  ): void => {
    new Gauge({
      name: prefix + name,
      help,
      labelNames: [label],
      registers,
      collect() {
        for (const [each, of] of controllers) this.set({ [label]: each }, read(of));
      },
    });
  };
  const sum = (numbers: readonly number[]): number => numbers.reduce((total, each) => total + each, 0);
  scraped('active_workers', 'Number of reconciles that are running.', 'controller', (of) => of.activeWorkers);
  scraped(
    'workqueue_depth',
    'Number of objects in the work queue that are due and wait for a worker.',
    'name',
    (of) => of.queue.depth,
  );
  scraped(
    'workqueue_unfinished_work_seconds',
    'Total time in seconds that the running reconciles have taken so far.',
    'name',
    (of) => sum(of.queue.workingSeconds()),
  );
  scraped(
    'workqueue_longest_running_processor_seconds',
    'Time in seconds that the longest-running reconcile has taken so far.',
    'name',
    (of) => Math.max(0, ...of.queue.workingSeconds()),
  );

  return {
    requests: {
      observe({ method, resource, status, seconds }) {
        requests.inc({ method, code: status, resource });
        requestSeconds.observe({ method, resource }, seconds);
      },
    },
    controller: (name) => ({
      added: () => {
        adds.inc({ name });
      },
      retried: () => {
        retries.inc({ name });
      },
      waited: (duration) => {
        queueSeconds.observe({ name }, duration);
      },
      worked: (duration) => {
        workSeconds.observe({ name }, duration);
      },
      reconciled(outcome, duration) {
        const failed = outcome !== 'success' && outcome !== 'requeue_after';
        reconciles.inc({ controller: name, result: failed ? 'error' : outcome });
        reconcileSeconds.observe({ controller: name }, duration);
        if (failed) errors.inc({ controller: name });
        if (outcome === 'terminal') terminal.inc({ controller: name });
        if (outcome === 'panic') panics.inc({ controller: name });
        if (outcome === 'timeout') timeouts.inc({ controller: name });
      },
    }),
    watchController(controller) {
      controllers.set(controller.name, controller);
      maxWorkers.set({ controller: controller.name }, controller.workers);
    },
    reflector: (kind) => ({
      listed: () => {
        lists.inc({ kind });
      },
      watched: () => {
        watches.inc({ kind });
      },
      failed: () => {
        failures.inc({ kind });
      },
      size: (count) => {
        objects.set({ kind }, count);
      },
    }),
    leading(lease, is) {
      master.set({ name: lease }, is ? 1 : 0);
    },
  };
}
