import type { ColumnType, Generated } from 'kysely';

/**
 * The tables of this project, as kysely sees them. Times are timestamptz, money is bigint micro-dollars (read as a
 * number: 9 thousand million dollars are exact), null is "nobody knows" and never 0.
 */
export interface Tables {
  /** Own, or the app's: then these columns were added to it, and its rows are found by `id::text`. */
  channels: ChannelsTable;
  stream_metrics: StreamMetricsTable;
  /** The same columns as averages over a minute and an hour; viewer_seconds and samples are sums. */
  stream_metrics_1m: RolledUpTable;
  stream_metrics_1h: RolledUpTable;
  livechannel_costs: CostsTable;
  livechannel_alerts: AlertsTable;
  livechannel_api_keys: ApiKeysTable;
  livechannel_audit: AuditTable;
  /** What apps say of their Agora audience, which Agora's SDK does not tell to a viewer. */
  livechannel_audience: AudienceTable;
}

type Time = ColumnType<Date, Date, Date>;
type Health = 'good' | 'fair' | 'poor';

export interface ChannelsTable {
  /** The app's channel id; text in the table that is ours. */
  id: string;
  /** Null in an app's table until its channel has a resource. */
  namespace: string | null;
  stream_mode: string | null;
  hls_playback_url: string | null;
  relay_status: string | null;
  relay_started_at: Time | null;
  streaming_platform: string | null;
  stream_key_id: string | null;
}

export interface StreamMetricsTable {
  namespace: string;
  channel_id: string;
  timestamp: Time;
  agora_viewers: number | null;
  hls_viewers: number | null;
  bitrate_kbps: number | null;
  relay_health: Health | null;
  relay_status: string | null;
  platform: string | null;
  /** The time before this sample belongs to nobody: nothing was seen of it. */
  after_gap: boolean;
  created_at: Generated<Date>;
}

export interface RolledUpTable {
  namespace: string;
  channel_id: string;
  /** Beginning of the minute or hour. */
  timestamp: Time;
  agora_viewers: number | null;
  hls_viewers: number | null;
  hls_viewers_most: number | null;
  bitrate_kbps: number | null;
  relay_health: Health | null;
  samples: number;
  /** Samples that came after a gap. */
  gaps: number;
  created_at: Generated<Date>;
}

/** What an hour of a channel cost, line by line; added to while it lasts. */
export interface CostsTable {
  namespace: string;
  channel_id: string;
  /** Beginning of the hour, UTC. */
  hour: Time;
  /** Beginning of the show: status.relayStartedAt of the first sample on air. */
  show: Time;
  platform: string;
  /** agora-viewers, agora-relay, ingest, delivery, storage, pod. */
  line: string;
  micro_dollars: number;
  /** Of the line's own unit: viewer-seconds, or seconds on air. */
  quantity: number;
  /** false: from the provider's own usage data. */
  estimated: boolean;
  /** Of the price book. */
  prices: string;
}

export interface AlertsTable {
  id: Generated<string>;
  namespace: string;
  channel_id: string;
  raised_at: Time;
  resolved_at: Time | null;
  /** A word of the closed list in src/costs/alerts.ts. */
  kind: string;
  severity: 'info' | 'warning' | 'critical';
  message: string;
  /** Names the occasion: the same one is told once. */
  occasion: string;
  delivered_at: Time | null;
}

export interface ApiKeysTable {
  /** The part of the key that is no secret. */
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
  id: Generated<string>;
  at: Time;
  subject: string;
  action: string;
  namespace: string;
  channel_id: string | null;
  /** HTTP status, or the code of the problem. */
  outcome: string;
  request_id: string;
  detail: unknown;
}

export interface AudienceTable {
  namespace: string;
  channel_id: string;
  at: Time;
  agora_viewers: number;
}
