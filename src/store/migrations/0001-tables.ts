/**
 * All tables. `timestamp` and `created_at` have BRIN indices: rows arrive in chronological order, so an index of a few
 * pages locates one minute of all channels. The primary keys serve the queries of one channel, and make writing a batch
 * twice harmless.
 */
export const tables = (ownChannels: boolean): string => `
create table livechannel_layout (
  one boolean primary key default true check (one),
  channels_schema text
);
comment on table livechannel_layout is 'Where the table of channels is: the schema of the app''s own, or null for ours.';

${
  ownChannels
    ? `create table channels (
  namespace text not null,
  id text not null,
  stream_mode text,
  hls_playback_url text,
  relay_status text,
  relay_started_at timestamptz,
  streaming_platform text,
  stream_key_id text,
  primary key (namespace, id)
);`
    : claims('livechannel_claims')
}

create table stream_metrics (
  namespace text not null,
  channel_id text not null,
  "timestamp" timestamptz not null,
  agora_viewers integer,
  hls_viewers integer,
  bitrate_kbps integer,
  relay_health text check (relay_health in ('good', 'fair', 'poor')),
  relay_status text,
  platform text,
  after_gap boolean not null default false,
  created_at timestamptz not null default now(),
  primary key (namespace, channel_id, "timestamp")
) partition by range ("timestamp");
create index on stream_metrics using brin ("timestamp") with (pages_per_range = 16, autosummarize = on);
create index on stream_metrics using brin (created_at) with (pages_per_range = 16, autosummarize = on);

${['stream_metrics_1m', 'stream_metrics_1h']
  .map(
    (name) => `create table ${name} (
  namespace text not null,
  channel_id text not null,
  "timestamp" timestamptz not null,
  agora_viewers double precision,
  agora_samples integer not null,
  hls_viewers double precision,
  hls_samples integer not null,
  hls_viewers_most integer,
  bitrate_kbps double precision,
  bitrate_samples integer not null,
  relay_health text check (relay_health in ('good', 'fair', 'poor')),
  samples integer not null,
  gaps integer not null,
  created_at timestamptz not null default now(),
  primary key (namespace, channel_id, "timestamp")
) partition by range ("timestamp");
create index on ${name} using brin ("timestamp") with (pages_per_range = 16, autosummarize = on);`,
  )
  .join('\n')}

create table livechannel_rolled_up (
  one boolean primary key default true check (one),
  until timestamptz not null,
  seen_at timestamptz not null,
  samples_since timestamptz,
  minutes_since timestamptz
);
comment on table livechannel_rolled_up is 'Minutes before "until" are rolled up, of the samples that were there at "seen_at"; samples and minutes before their "since" are dropped.';

create table livechannel_costs (
  namespace text not null,
  channel_id text not null,
  hour timestamptz not null,
  show timestamptz not null,
  platform text not null,
  line text not null,
  micro_dollars bigint not null,
  quantity double precision not null,
  estimated boolean not null,
  prices text not null,
  primary key (namespace, channel_id, hour, show, platform, line)
);
create index on livechannel_costs (namespace, hour);

create table livechannel_alerts (
  id bigint generated always as identity primary key,
  namespace text not null,
  channel_id text not null,
  raised_at timestamptz not null,
  resolved_at timestamptz,
  kind text not null,
  severity text not null check (severity in ('info', 'warning', 'critical')),
  message text not null,
  occasion text not null,
  delivered_at timestamptz,
  unique (namespace, channel_id, occasion)
);
create index on livechannel_alerts (namespace, id);
create index on livechannel_alerts (id) where delivered_at is null;

create table livechannel_api_keys (
  id text primary key,
  name text not null,
  hash bytea not null,
  scopes text[] not null,
  created_at timestamptz not null default now(),
  expires_at timestamptz,
  revoked_at timestamptz,
  last_used_at timestamptz
);

create table livechannel_audit (
  id bigint generated always as identity primary key,
  at timestamptz not null,
  subject text not null,
  action text not null,
  namespace text not null,
  channel_id text,
  outcome text not null,
  request_id text not null,
  detail jsonb
);
create index on livechannel_audit (namespace, at);

create table livechannel_audience (
  namespace text not null,
  channel_id text not null,
  at timestamptz not null,
  agora_viewers integer not null check (agora_viewers >= 0),
  primary key (namespace, channel_id)
);
`;

/** The table beside an app's table of channels. Also created later, when an app's table takes the place of ours. */
export const claims = (name: string): string => `create table ${name} (
  namespace text not null,
  channel_id text not null,
  primary key (namespace, channel_id)
);
create index on ${name} (channel_id);
comment on table ${name} is 'Which rows of the app''s channels have our columns filled in.';`;
