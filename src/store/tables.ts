import type { ColumnType, Generated } from 'kysely';
import type { Health } from '../api/values.ts';

/**
 * The tables of this project, as kysely sees them. Times are timestamptz, money is bigint micro-dollars (read as a
 * number: 9 thousand million dollars are exact), null is "nobody knows" and never 0.
 */
export interface Tables {
  /** Ours; an app's own table of channels is written through app-channels.ts. */
  channels: ChannelsTable;
  /** Where an app's own channels are in use: which of its rows have our columns filled in. */
  livechannel_claims: ClaimsTable;
  stream_metrics: StreamMetricsTable;
  /** The same columns as averages over a minute and an hour, with how many samples each average is of. */
  stream_metrics_1m: RolledUpTable;
  stream_metrics_1h: RolledUpTable;
  livechannel_costs: CostsTable;
  livechannel_alerts: AlertsTable;
  livechannel_api_keys: ApiKeysTable;
  livechannel_audit: AuditTable;
  /** What apps say of their Agora audience, which Agora's SDK does not tell to a viewer. */
  livechannel_audience: AudienceTable;
  /** One row each: what was decided about this database, and how far the roll-ups are. */
  livechannel_layout: LayoutTable;
  livechannel_rolled_up: RolledUpUntilTable;
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
  /** By the database's clock: samples that came later may lie before `until` all the same. */
  seen_at: Time;
  /** Samples and minutes before it are dropped; null: none were. */
  samples_since: Time | null;
  minutes_since: Time | null;
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
  /** Samples that knew it: what the average is of. */
  agora_samples: number;
  hls_viewers: number | null;
  hls_samples: number;
  hls_viewers_most: number | null;
  bitrate_kbps: number | null;
  bitrate_samples: number;
  /** The worst of them. */
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
  /** Of the hour, of which nobody counted what the line is of. */
  missing_seconds: number;
}

export interface AlertsTable {
  id: Generated<number>;
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
  resolved_delivered_at: Time | null;
  /** Nothing of it is delivered any more, be it resolved or not. */
  given_up_at: Time | null;
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
}

export interface AudienceTable {
  namespace: string;
  channel_id: string;
  at: Time;
  agora_viewers: number;
}
