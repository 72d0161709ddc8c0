/** Uptime and traffic. The brin index is for upkeep, which deletes the oldest hours. */
export const serviceHours = `
create table livechannel_service_hours (
  namespace text not null,
  channel_id text not null,
  hour timestamptz not null,
  wanted_seconds double precision not null,
  on_air_seconds double precision not null,
  waiting_seconds double precision not null,
  missing_seconds double precision not null,
  ingest_bytes bigint not null,
  measured_bytes bigint not null,
  estimated_bytes bigint not null,
  until timestamptz not null,
  wanted_at_end boolean not null,
  primary key (namespace, channel_id, hour)
);
create index on livechannel_service_hours (namespace, hour);
create index on livechannel_service_hours using brin (hour) with (autosummarize = on);
`;
