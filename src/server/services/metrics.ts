import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import { latencyBuckets, startupBuckets } from '../../api/qoe-buckets.ts';

/** The service's own metrics. docs/reference/metrics.md is generated from these. */
export const apiMetricDefinitions = [
  {
    name: 'livechannel_api_calls_total',
    type: 'counter',
    help: 'Total number of API calls, by operation and outcome: ok, or the code of the problem.',
    labels: ['operation', 'outcome'],
  },
  {
    name: 'livechannel_api_call_seconds',
    type: 'histogram',
    help: 'Duration of API calls in seconds, by operation.',
    labels: ['operation'],
  },
  {
    name: 'livechannel_api_channels',
    type: 'gauge',
    help: 'Number of LiveChannels in the cache.',
    labels: [],
  },
  {
    name: 'livechannel_api_cache_stale_seconds',
    type: 'gauge',
    help: 'Time in seconds for which the cache has not received updates from the API server; 0 while it receives them.',
    labels: [],
  },
  {
    name: 'livechannel_api_samples_age_seconds',
    type: 'gauge',
    help: 'Time in seconds since the latest samples were read from the database; -1 before the first read.',
    labels: [],
  },
  {
    name: 'livechannel_api_live_numbers_age_seconds',
    type: 'gauge',
    help: 'Time in seconds since live numbers were read from the database; -1 without subscribers or queries for them, and before the first read.',
    labels: [],
  },
  {
    name: 'livechannel_api_subscribers',
    type: 'gauge',
    help: 'Number of clients that are subscribed to events.',
    labels: [],
  },
  {
    name: 'livechannel_api_events_total',
    type: 'counter',
    help: 'Total number of events, by type. An event counts once, however many clients receive it.',
    labels: ['type'],
  },
  {
    name: 'livechannel_api_subscribers_disconnected_total',
    type: 'counter',
    help: 'Total number of subscribers disconnected because they did not keep up with the events.',
    labels: [],
  },
  {
    name: 'livechannel_api_audit_queue_length',
    type: 'gauge',
    help: 'Number of audit entries that are not yet written to the database.',
    labels: [],
  },
  {
    name: 'livechannel_api_audit_dropped_total',
    type: 'counter',
    help: 'Total number of audit entries written to the log only, because the queue for the database was full.',
    labels: [],
  },
  {
    name: 'livechannel_api_audit_omitted_total',
    type: 'counter',
    help: 'Total number of refused requests (not-authenticated, not-allowed) without an audit entry, because there were too many of one client or in all.',
    labels: [],
  },
  {
    name: 'livechannel_api_left_out_rows_total',
    type: 'counter',
    help: 'Total number of rows that were left out of a table of livechannel because the database cannot hold their content, by table; the log names them. Other rows are written.',
    labels: ['table'],
  },
  {
    name: 'livechannel_api_agora_notifications_total',
    type: 'counter',
    help: "Total number of Agora's notifications, by outcome: applied, ignored (of no interest), duplicate, stale, rejected (signature or body), failed (Agora repeats it).",
    labels: ['outcome'],
  },
  {
    name: 'livechannel_api_agora_notification_actions_total',
    type: 'counter',
    help: "Total number of relays started (resume) and channels created (create) by Agora's notifications, by outcome: ok, or the code of the problem.",
    labels: ['action', 'outcome'],
  },
  {
    name: 'livechannel_viewer_complaints_total',
    type: 'counter',
    help: 'Total number of complaints of viewers, by channel and kind: lag, quality, sound or other. A viewer counts once a minute for each kind.',
    labels: ['namespace', 'channel', 'kind'],
  },
  {
    name: 'livechannel_api_player_startup_seconds',
    type: 'histogram',
    help: 'Time in seconds from the start of a player to its first frame, by platform and browser, of the players that report.',
    labels: ['platform', 'browser'],
  },
  {
    name: 'livechannel_api_player_latency_seconds',
    type: 'histogram',
    help: 'Time in seconds that players at the live edge are behind the platform, by platform; one value of each report of a player.',
    labels: ['platform'],
  },
  {
    name: 'livechannel_api_player_playing_seconds_total',
    type: 'counter',
    help: 'Total seconds of playback of all players, by platform and browser. Where players are sampled, each counts for all that it stands for.',
    labels: ['platform', 'browser'],
  },
  {
    name: 'livechannel_api_player_stalled_seconds_total',
    type: 'counter',
    help: 'Total seconds that players waited for media after their first frame, by platform and browser. Divided by these and the seconds of playback, it is the share of stalled time.',
    labels: ['platform', 'browser'],
  },
  {
    name: 'livechannel_api_player_fatal_total',
    type: 'counter',
    help: 'Total number of players whose playback ended with a fault that did not pass, by platform and browser.',
    labels: ['platform', 'browser'],
  },
  {
    name: 'livechannel_api_players',
    type: 'gauge',
    help: 'Number of players of each channel that report to this replica, averaged over a minute: connected, or watching, which is playing on a page that can be seen. The sum over replicas is that of the channel.',
    labels: ['namespace', 'channel', 'activity'],
  },
] as const;

/** Values that are read when the metrics are scraped. */
export interface Gauges {
  channels(): number;
  brokenSeconds(): number;
  numbersAgeSeconds(): number | undefined;
  liveNumbersAgeSeconds(): number | undefined;
  subscribers(): number;
  auditWaiting(): number;
  auditDropped(): number;
  auditOmitted(): number;
  leftOut(): ReadonlyMap<string, number>;
  /** Players by channel. */
  players(): Iterable<{
    readonly namespace: string;
    readonly channel: string;
    readonly connected: number;
    readonly watching: number;
  }>;
}

/** Metrics that the service updates itself. */
export interface ApiMetrics {
  readonly calls: Counter<'operation' | 'outcome'>;
  readonly seconds: Histogram<'operation'>;
  readonly events: Counter<'type'>;
  readonly cut: Counter;
  readonly notifications: Counter<'outcome'>;
  readonly notificationActions: Counter<'action' | 'outcome'>;
  readonly complaints: Counter<'namespace' | 'channel' | 'kind'>;
  readonly players: PlayerMetrics;
}

/** What players report. */
export interface PlayerMetrics {
  readonly startup: Histogram<'platform' | 'browser'>;
  readonly latency: Histogram<'platform'>;
  readonly playing: Counter<'platform' | 'browser'>;
  readonly stalled: Counter<'platform' | 'browser'>;
  readonly fatal: Counter<'platform' | 'browser'>;
}

/** Creates the service's metrics in `registry`. */
export function apiMetrics(registry: Registry, read: Gauges): ApiMetrics {
  const [
    calls,
    seconds,
    channels,
    broken,
    numbersAge,
    liveAge,
    subscribers,
    events,
    cut,
    waiting,
    dropped,
    omitted,
    leftOut,
    notifications,
    notificationActions,
    complaints,
    startup,
    latency,
    playing,
    stalled,
    fatal,
    players,
  ] = apiMetricDefinitions;
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
  const counter = (definition: { name: string; help: string }, value: () => number): void => {
    new Counter({
      ...definition,
      registers,
      collect() {
        this.reset();
        this.inc(value());
      },
    });
  };
  gauge(channels, () => read.channels());
  gauge(broken, () => read.brokenSeconds());
  gauge(numbersAge, () => read.numbersAgeSeconds() ?? -1);
  gauge(liveAge, () => read.liveNumbersAgeSeconds() ?? -1);
  gauge(subscribers, () => read.subscribers());
  gauge(waiting, () => read.auditWaiting());
  counter(dropped, () => read.auditDropped());
  counter(omitted, () => read.auditOmitted());
  new Counter({
    ...leftOut,
    labelNames: leftOut.labels,
    registers,
    collect() {
      this.reset();
      for (const [table, rows] of read.leftOut()) this.inc({ table }, rows);
    },
  });
  new Gauge({
    ...players,
    labelNames: players.labels,
    registers,
    collect() {
      this.reset();
      for (const { namespace, channel, connected, watching } of read.players()) {
        this.set({ namespace, channel, activity: 'connected' }, connected);
        this.set({ namespace, channel, activity: 'watching' }, watching);
      }
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
    complaints: new Counter({ ...complaints, labelNames: complaints.labels, registers }),
    players: {
      startup: new Histogram({
        ...startup,
        labelNames: startup.labels,
        registers,
        buckets: [...startupBuckets],
      }),
      latency: new Histogram({
        ...latency,
        labelNames: latency.labels,
        registers,
        buckets: [...latencyBuckets],
      }),
      playing: new Counter({ ...playing, labelNames: playing.labels, registers }),
      stalled: new Counter({ ...stalled, labelNames: stalled.labels, registers }),
      fatal: new Counter({ ...fatal, labelNames: fatal.labels, registers }),
    },
    notifications: new Counter({ ...notifications, labelNames: notifications.labels, registers }),
    notificationActions: new Counter({
      ...notificationActions,
      labelNames: notificationActions.labels,
      registers,
    }),
  };
}
