import type { ColumnType, Generated, RawBuilder } from 'kysely';
import type { Health } from '../api/values.ts';
import type { ChannelMessage } from '../api/webhooks.ts';

/**
 * The tables of this project, typed for kysely. Times are timestamptz. Money is bigint micro-dollars, read as a number,
 * which is exact up to 9 billion dollars. null means unknown, never 0.
 */
export interface Tables {
  /** The project's own table; an app's table of channels is read by app-channels.ts and written by projection.ts. */
  channels: ChannelsTable;
  /** Used with an app's table of channels: which of its rows have the project's columns filled in. */
  livechannel_claims: ClaimsTable;
  stream_metrics: StreamMetricsTable;
  /** The same columns as averages over a minute and an hour, with the number of samples of each average. */
  stream_metrics_1m: RolledUpTable;
  stream_metrics_1h: RolledUpTable;
  livechannel_costs: CostsTable;
  livechannel_service_hours: ServiceHoursTable;
  livechannel_live_numbers: LiveNumbersTable;
  livechannel_alerts: AlertsTable;
  livechannel_announced: AnnouncedTable;
  livechannel_history: HistoryTable;
  livechannel_outbox: OutboxTable;
  livechannel_api_keys: ApiKeysTable;
  livechannel_audit: AuditTable;
  /** Apps' reports of their Agora audience, which Agora's SDK does not report to a viewer such as the relay. */
  livechannel_audience: AudienceTable;
  /** Members of Agora channels, and when these channels were destroyed, from Agora's notifications. */
  livechannel_agora_members: AgoraMembersTable;
  livechannel_agora_channels: AgoraChannelsTable;
  /** What players measure, and how many report to each replica of the service. */
  livechannel_qoe_minutes: QoeMinutesTable;
  livechannel_qoe_replicas: QoeReplicasTable;
  livechannel_qoe_players: QoePlayersTable;
  /** One row each: the layout of this database, and the progress of the roll-ups. */
  livechannel_layout: LayoutTable;
  livechannel_rolled_up: RolledUpUntilTable;
  /** What is noted about the app's own table of metrics, which is filled by app/fill-metrics.ts. */
  livechannel_app_metrics: AppMetricsTable;
  livechannel_app_metrics_minutes: AppMetricsMinutesTable;
}

type Time = ColumnType<Date, Date, Date>;

export interface ChannelsTable {
  namespace: string;
  /** The app's channel id. */
  id: string;
  stream_mode: string | null;
  hls_playback_url: string | null;
  relay_status: string | null;
  relay_started_at: Time | null;
  streaming_platform: string | null;
  stream_key_id: string | null;
}

export interface ClaimsTable {
  namespace: string;
  channel_id: string;
}

export interface LayoutTable {
  one: Generated<boolean>;
  channels_schema: string | null;
}

export interface RolledUpUntilTable {
  one: Generated<boolean>;
  /** Minutes before it are rolled up. */
  until: Time;
  /** By the database's clock, when the samples were read; samples that arrive later may still lie before `until`. */
  seen_at: Time;
  /** Samples (and minutes, below) before this time are dropped; null: none were. */
  samples_since: Time | null;
  minutes_since: Time | null;
}

export interface AppMetricsTable {
  one: Generated<boolean>;
  /** Samples before it are in the app's table; null: none are. */
  until: Time | null;
}

export interface AppMetricsMinutesTable {
  table_schema: string;
  minute: Time;
  /** IDs of the rows inserted for the minute: as ranges if they are integers, else as text. */
  id_ranges: Generated<string>;
  other_ids: Generated<string[]>;
}

export interface StreamMetricsTable {
  /** null in rows from before there were IDs. */
  id: Generated<number | null>;
  namespace: string;
  channel_id: string;
  timestamp: Time;
  agora_viewers: number | null;
  hls_viewers: number | null;
  bitrate_kbps: number | null;
  relay_health: Health | null;
  relay_status: string | null;
  platform: string | null;
  /** Nothing was observed in the time before this sample, so that time is not counted. */
  after_gap: boolean;
  created_at: Generated<Date>;
}

export interface RolledUpTable {
  namespace: string;
  channel_id: string;
  /** Beginning of the minute or hour. */
  timestamp: Time;
  agora_viewers: number | null;
  /** Number of samples that have the value, of which `agora_viewers` is the average. */
  agora_samples: number;
  hls_viewers: number | null;
  hls_samples: number;
  hls_viewers_most: number | null;
  bitrate_kbps: number | null;
  bitrate_samples: number;
  /** The worst health of the interval. */
  relay_health: Health | null;
  samples: number;
  /** Samples that came after a gap. */
  gaps: number;
  created_at: Generated<Date>;
}

/** Costs of an hour of a channel, one row per line of the bill; updated until the hour ends. */
export interface CostsTable {
  namespace: string;
  channel_id: string;
  /** Beginning of the hour, UTC. */
  hour: Time;
  /** Beginning of the show: status.relayStartedAt of the first sample on air. */
  show: Time;
  platform: string;
  /** agora-host, agora-viewers, agora-relay, ingest, delivery, storage, pod. */
  line: string;
  micro_dollars: number;
  /** In the line's unit: viewer-seconds, or seconds on air. */
  quantity: number;
  /** false: the quantity is from the provider's usage data. */
  estimated: boolean;
  /** Version of the price book. */
  prices: string;
  /** Seconds of the hour that the line does not cover. */
  missing_seconds: number;
}

/** Uptime and traffic of a channel in an hour. */
export interface ServiceHoursTable {
  namespace: string;
  channel_id: string;
  /** Beginning of the hour, UTC. */
  hour: Time;
  wanted_seconds: number;
  on_air_seconds: number;
  waiting_seconds: number;
  missing_seconds: number;
  ingest_bytes: number;
  measured_bytes: number;
  estimated_bytes: number;
  /** End of the time that is counted. */
  until: Time;
  wanted_at_end: boolean;
}

/** What is measured of a channel now. Unlogged: empty after a crash of the database. */
export interface LiveNumbersTable {
  namespace: string;
  channel_id: string;
  /** By the clock of the writer. */
  at: Time;
  /** By the clock of the database. */
  written_at: Generated<Date>;
  agora_viewers: number | null;
  hls_viewers: number | null;
  /** What the relay reported, as JSON that only its reader interprets. */
  report: unknown;
}

/** Sums of what players measured in a minute; the columns are written and read by qoe.ts alone. */
export interface QoeMinutesTable {
  namespace: string;
  channel_id: string;
  minute: Time;
  platform: string;
  browser: string;
}

/** The last batch of sums that a replica has added. */
export interface QoeReplicasTable {
  namespace: string;
  replica: string;
  batch: number;
  at: Time;
}

/** How many players report to a replica. */
export interface QoePlayersTable {
  namespace: string;
  channel_id: string;
  replica: string;
  at: Time;
  connected: number;
  watching: number;
}

export interface AlertsTable {
  id: Generated<number>;
  /** namespace and channel_id are null if the alert is about a platform. */
  namespace: string | null;
  channel_id: string | null;
  platform: string | null;
  raised_at: Time;
  resolved_at: Time | null;
  /** A value of the closed list in src/api/alerts.ts. */
  kind: string;
  severity: 'info' | 'warning' | 'critical';
  message: string;
  /** Identifies what the alert is about; at most one alert is stored for each occasion. */
  occasion: string;
  delivered_at: Time | null;
  resolved_delivered_at: Time | null;
  /** When delivery was abandoned: neither the alert nor its resolution is delivered after that. */
  given_up_at: Time | null;
  /** Increases whenever an alert is raised or resolved. */
  change: ColumnType<number, never, RawBuilder<number>>;
}

/** Mode decisions and restarts of channels. */
export interface HistoryTable {
  namespace: string;
  channel_id: string;
  at: Time;
  /** A value of momentKinds in src/api/value-lists.ts, or of a newer version. */
  kind: string;
  text: string;
}

/** What the last message about a channel said, so that a new leader sends neither too much nor too little. */
export interface AnnouncedTable {
  namespace: string;
  channel_id: string;
  state: string;
}

/** Messages about channels that wait for the webhook's receiver. */
export interface OutboxTable {
  id: Generated<number>;
  namespace: string;
  channel_id: string;
  type: ChannelMessage;
  created_at: Time;
  /** JSON. */
  data: string;
}

export interface ApiKeysTable {
  /** The part of the key that is not secret. */
  id: string;
  name: string;
  /** SHA-256 of the secret part, which is 32 random bytes. */
  hash: Buffer;
  scopes: string[];
  created_at: Generated<Date>;
  expires_at: Time | null;
  revoked_at: Time | null;
  last_used_at: Time | null;
}

export interface AuditTable {
  id: Generated<number>;
  at: Time;
  subject: string;
  action: string;
  namespace: string;
  channel_id: string | null;
  /** HTTP status, or the code of the problem. */
  outcome: string;
  request_id: string;
  detail: unknown;
  address: string | null;
}

export interface AudienceTable {
  namespace: string;
  channel_id: string;
  at: Time;
  agora_viewers: number;
}

export interface AgoraMembersTable {
  namespace: string;
  /** Name of the Secret with the credentials of the Agora project. */
  project: string;
  agora_channel: string;
  uid: number;
  /** Order of the user's events. */
  client_seq: number;
  /** When the event happened, and when it was received. */
  at: Time;
  heard_at: Time;
  present: boolean;
  host: boolean;
}

export interface AgoraChannelsTable {
  namespace: string;
  project: string;
  agora_channel: string;
  destroyed_at: Time;
}
