/**
 * What players measure, as sums by minute, and how many players report to each replica of the service. The brin index is for
 * upkeep, which deletes the oldest minutes. An empty platform: the channel had no stream.
 */
export const qoe = `
create table livechannel_qoe_minutes (
  namespace text not null,
  channel_id text not null,
  minute timestamptz not null,
  platform text not null,
  browser text not null,
  startups double precision[] not null,
  latencies double precision[] not null,
  playing_seconds double precision not null,
  stalled_seconds double precision not null,
  stalls double precision not null,
  frames double precision not null,
  dropped_frames double precision not null,
  fatal double precision not null,
  starts double precision not null,
  carried double precision not null,
  carried_reporters double precision not null,
  primary key (namespace, channel_id, minute, platform, browser)
);
create index on livechannel_qoe_minutes using brin (minute) with (autosummarize = on);
comment on column livechannel_qoe_minutes.carried is 'Players that had started before the minute; with starts, all of the minute.';

create table livechannel_qoe_replicas (
  namespace text not null,
  replica text not null,
  batch bigint not null,
  at timestamptz not null,
  primary key (namespace, replica)
);
comment on table livechannel_qoe_replicas is 'The last batch that a replica of the service added, so that a repeated one is not added again.';

create table livechannel_qoe_players (
  namespace text not null,
  channel_id text not null,
  replica text not null,
  at timestamptz not null,
  connected double precision not null,
  watching double precision not null,
  primary key (namespace, channel_id, replica)
);
`;
