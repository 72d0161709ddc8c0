/**
 * Alerts about platforms, which belong to no channel; the order in which alerts change, for those who follow them; and
 * messages about channels that wait for the webhook's receiver. Of the kinds that the operator observes, whose occasion
 * begins with the kind, at most one alert of a channel or platform is open. A budget may have two for a moment, of
 * consecutive periods.
 */
export const alertsAndOutbox = `
alter table livechannel_alerts
  alter column namespace drop not null,
  alter column channel_id drop not null,
  add column platform text,
  add check ((namespace is null) = (channel_id is null)),
  add check (channel_id is not null or platform is not null);
comment on column livechannel_alerts.channel_id is 'Null: the alert is about the platform.';
create unique index on livechannel_alerts (platform, occasion) where channel_id is null;
create unique index on livechannel_alerts (namespace, channel_id, kind)
  where resolved_at is null and occasion like kind || '/%';
create unique index on livechannel_alerts (platform, kind) where resolved_at is null and channel_id is null;
create index on livechannel_alerts (id) where resolved_at is null;

create sequence livechannel_alert_changes;
-- In steps, because a default that differs for each row would rewrite the table under a lock.
alter table livechannel_alerts add column change bigint;
update livechannel_alerts set change = nextval('livechannel_alert_changes');
alter table livechannel_alerts
  alter column change set default nextval('livechannel_alert_changes'),
  alter column change set not null;
alter sequence livechannel_alert_changes owned by livechannel_alerts.change;
comment on column livechannel_alerts.change is 'Increases whenever an alert is raised or resolved.';
create index on livechannel_alerts (change);

create table livechannel_announced (
  namespace text not null,
  channel_id text not null,
  state text not null check (octet_length(state) <= 16384),
  primary key (namespace, channel_id)
);
comment on table livechannel_announced is 'What the last message to the webhook about each channel said.';

create table livechannel_outbox (
  id bigint generated always as identity primary key,
  namespace text not null,
  channel_id text not null,
  type text not null check (type in ('status', 'mode', 'ended')),
  created_at timestamptz not null,
  data text not null check (octet_length(data) <= 65536)
);
comment on table livechannel_outbox is 'Messages about channels that the receiver of the webhook has not accepted yet.';
create index on livechannel_outbox (namespace, channel_id, id);
create index on livechannel_outbox (created_at);
`;
