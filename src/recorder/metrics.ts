import type { AlertKind } from '../api/alerts.ts';
import { Counter, Gauge, type Registry } from 'prom-client';
import type { FilledMetrics } from '../store/store.ts';
import type { UnwrittenCounts } from './recording/unwritten.ts';

const appTableMetricDefinitions = [
  {
    name: 'livechannel_recorder_app_metrics_rows_total',
    type: 'counter',
    help: "Total number of rows inserted into the app's own table stream_metrics.",
    labels: [],
  },
  {
    name: 'livechannel_recorder_app_metrics_usable',
    type: 'gauge',
    help: "Whether the app's own table stream_metrics is filled: 1 if it is, 0 if it is missing or has other columns; the log says why. Absent where the table channels is not the app's.",
    labels: [],
  },
  {
    name: 'livechannel_recorder_app_metrics_until_timestamp_seconds',
    type: 'gauge',
    help: "Unix time in seconds until which the app's own table stream_metrics is filled.",
    labels: [],
  },
  {
    name: 'livechannel_recorder_refused_rows_total',
    type: 'counter',
    help: 'Total number of rows that the database refused in a table of the app, channels or stream_metrics, because of a constraint, a trigger or an ID of another type. Counted with each attempt; other rows are written.',
    labels: ['table'],
  },
  {
    name: 'livechannel_recorder_omitted_values_total',
    type: 'counter',
    help: "Total number of values that were longer than the column of the app's table channels, which is null instead. Counted with each attempt.",
    labels: ['column'],
  },
] as const;

/** Registered only if a database is configured. docs/reference/metrics.md is generated from these. */
export const recorderMetricDefinitions = [
  {
    name: 'livechannel_recorder_samples_total',
    type: 'counter',
    help: 'Total number of samples written to the database.',
    labels: [],
  },
  {
    name: 'livechannel_recorder_dropped_samples_total',
    type: 'counter',
    help: 'Total number of samples dropped because the buffer was full or the database refused them.',
    labels: [],
  },
  {
    name: 'livechannel_recorder_batches_total',
    type: 'counter',
    help: 'Total number of batches of samples, by outcome: written or failed.',
    labels: ['outcome'],
  },
  {
    name: 'livechannel_recorder_buffer_samples',
    type: 'gauge',
    help: 'Number of samples in the buffer that are not yet written to the database.',
    labels: [],
  },
  {
    name: 'livechannel_recorder_lag_seconds',
    type: 'gauge',
    help: 'Age in seconds of the oldest sample in the buffer.',
    labels: [],
  },
  {
    name: 'livechannel_cost_micro_dollars_total',
    type: 'counter',
    help: 'Total estimated cost at list price since this process became the leader, in millionths of a US dollar, by platform and cost line.',
    labels: ['platform', 'line'],
  },
  {
    name: 'livechannel_budget_spent_ratio',
    type: 'gauge',
    help: 'Share of spec.budget that is spent in the current period: 1 is all of it. Absent if the cost is unknown.',
    labels: ['namespace', 'channel'],
  },
  {
    name: 'livechannel_mode_switches_total',
    type: 'counter',
    help: 'Total number of changes of mode decided by streamMode auto, by the new mode.',
    labels: ['mode'],
  },
  {
    name: 'livechannel_prices_file_valid',
    type: 'gauge',
    help: 'Whether LIVECHANNEL_PRICES_FILE is valid: 1 if it is, 0 while the last valid prices are used instead. Absent without such a file.',
    labels: [],
  },
  {
    name: 'livechannel_webhook_deliveries_total',
    type: 'counter',
    help: 'Total number of attempts to deliver a webhook, by type (alert, status, mode, ended; any for abandoned messages about channels) and outcome: delivered, failed (it is retried) or abandoned.',
    labels: ['type', 'outcome'],
  },
  {
    name: 'livechannel_alerts_open',
    type: 'gauge',
    help: 'Number of alerts that are not resolved, by kind.',
    labels: ['kind'],
  },
  {
    name: 'livechannel_recorder_live_rows_total',
    type: 'counter',
    help: 'Total number of rows written to the table of live numbers, which the service reads for sellers and dashboards.',
    labels: [],
  },
  {
    name: 'livechannel_recorder_left_out_rows_total',
    type: 'counter',
    help: 'Total number of rows that were left out of a table of livechannel because the database cannot hold their content, by table; the log names them. Other rows are written. Counted with each attempt.',
    labels: ['table'],
  },
  ...appTableMetricDefinitions,
] as const;

export interface RecorderMetrics {
  readonly samples: Counter;
  readonly dropped: Counter;
  readonly batches: Counter<'outcome'>;
  readonly cost: Counter<'platform' | 'line'>;
  readonly budgetSpent: Gauge<'namespace' | 'channel'>;
  readonly modeSwitches: Counter<'mode'>;
  readonly deliveries: Counter<'type' | 'outcome'>;
  readonly liveRows: Counter;
  /** Only called if there is a price file; without calls, the metric is absent. */
  readonly pricesValid: (valid: boolean) => void;
  readonly appMetrics: (filled: FilledMetrics) => void;
  readonly unwritten: UnwrittenCounts;
}

/** Values that are read when the metrics are scraped. */
export interface RecorderFigures {
  waiting(): number;
  lagSeconds(): number;
  dropped(): number;
  openAlerts(): ReadonlyMap<AlertKind, number>;
  leftOut(): ReadonlyMap<string, number>;
}

/** Creates the recorder's metrics in `registry`. */
export function recorderMetrics(registry: Registry, figures: RecorderFigures): RecorderMetrics {
  const [
    samples,
    dropped,
    batches,
    buffer,
    lag,
    cost,
    budget,
    switches,
    prices,
    deliveries,
    open,
    live,
    leftOut,
  ] = recorderMetricDefinitions;
  const registers = [registry];
  new Gauge({
    ...buffer,
    registers,
    collect() {
      this.set(figures.waiting());
    },
  });
  new Gauge({
    ...lag,
    registers,
    collect() {
      this.set(figures.lagSeconds());
    },
  });
  new Gauge({
    ...open,
    labelNames: open.labels,
    registers,
    collect() {
      for (const [kind, count] of figures.openAlerts()) this.set({ kind }, count);
    },
  });
  new Counter({
    ...leftOut,
    labelNames: leftOut.labels,
    registers,
    collect() {
      this.reset();
      for (const [table, rows] of figures.leftOut()) this.inc({ table }, rows);
    },
  });
  let droppedBefore = 0;
  let pricesValid: Gauge | undefined;
  return {
    samples: new Counter({ ...samples, registers }),
    dropped: new Counter({
      ...dropped,
      registers,
      collect() {
        const now = figures.dropped();
        this.inc(now - droppedBefore);
        droppedBefore = now;
      },
    }),
    batches: new Counter({ ...batches, labelNames: batches.labels, registers }),
    cost: new Counter({ ...cost, labelNames: cost.labels, registers }),
    budgetSpent: new Gauge({ ...budget, labelNames: budget.labels, registers }),
    modeSwitches: new Counter({ ...switches, labelNames: switches.labels, registers }),
    deliveries: new Counter({ ...deliveries, labelNames: deliveries.labels, registers }),
    liveRows: new Counter({ ...live, registers }),
    ...appTables(registry),
    pricesValid: (valid) => {
      pricesValid ??= new Gauge({ ...prices, registers });
      pricesValid.set(valid ? 1 : 0);
    },
  };
}

/** Metrics of the tables of the app. */
function appTables(registry: Registry): Pick<RecorderMetrics, 'appMetrics' | 'unwritten'> {
  const [rows, usable, until, refused, omitted] = appTableMetricDefinitions;
  const registers = [registry];
  const inserted = new Counter({ ...rows, registers });
  const refusedRows = new Counter({ ...refused, labelNames: refused.labels, registers });
  const omittedValues = new Counter({ ...omitted, labelNames: omitted.labels, registers });
  let isUsable: Gauge | undefined;
  let filledUntil: Gauge | undefined;
  return {
    appMetrics: (filled) => {
      inserted.inc(filled.written);
      if (filled.table === 'own') return;
      isUsable ??= new Gauge({ ...usable, registers });
      isUsable.set(filled.table === 'usable' ? 1 : 0);
      if (filled.until === undefined) return;
      filledUntil ??= new Gauge({ ...until, registers });
      filledUntil.set(filled.until.getTime() / 1_000);
    },
    unwritten: {
      refused: (table, count) => {
        refusedRows.inc({ table }, count);
      },
      tooLong: (column, count) => {
        omittedValues.inc({ column }, count);
      },
    },
  };
}
