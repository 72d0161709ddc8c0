/**
 * Gives samples an ID, and adds what is noted about the rows in the app's table of metrics. The column is added without a
 * default, so that no row is rewritten: samples from before have no ID. Not an identity column, because PostgreSQL 14 to
 * 16 do not accept one in a partitioned table.
 */
export const appMetrics = `
alter table stream_metrics add column id bigint;
create sequence stream_metrics_id_seq as bigint owned by stream_metrics.id;
alter table stream_metrics alter column id set default nextval('stream_metrics_id_seq');

create table livechannel_app_metrics (
  one boolean primary key default true check (one),
  until timestamptz
);
insert into livechannel_app_metrics default values;
comment on table livechannel_app_metrics is 'The samples before "until" are in the stream_metrics of the app.';

create table livechannel_app_metrics_minutes (
  table_schema text not null,
  minute timestamptz not null,
  id_ranges int8multirange not null default '{}',
  other_ids text[] not null default '{}',
  primary key (minute, table_schema)
);
comment on table livechannel_app_metrics_minutes is 'IDs of the rows that were inserted into the stream_metrics of the app; no other rows in it are deleted.';
`;
