/**
 * Adds the seconds of an hour that a line of the ledger does not cover, and the second delivery of an alert, which
 * reports that it is resolved. Alerts that were resolved before this migration are not delivered again.
 */
export const gapsAndResolutions = `
alter table livechannel_costs add column missing_seconds integer not null default 0 check (missing_seconds >= 0);
comment on column livechannel_costs.missing_seconds is 'Seconds of the hour for which the quantity of the line is unknown; 0: the line is complete.';

alter table livechannel_alerts add column resolved_delivered_at timestamptz, add column given_up_at timestamptz;
comment on column livechannel_alerts.resolved_delivered_at is 'When the receiver was told that it is resolved.';
comment on column livechannel_alerts.given_up_at is 'When delivery was given up: no further message about this alert is sent.';
update livechannel_alerts set resolved_delivered_at = resolved_at
  where resolved_at is not null and delivered_at is not null;
drop index livechannel_alerts_id_idx;
create index livechannel_alerts_undelivered on livechannel_alerts (id)
  where given_up_at is null and (delivered_at is null or (resolved_at is not null and resolved_delivered_at is null));
`;
