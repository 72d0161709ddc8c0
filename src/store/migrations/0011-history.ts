/** Mode decisions and restarts of channels. The brin index is for upkeep, which deletes the oldest. */
export const history = `
create table livechannel_history (
  namespace text not null,
  channel_id text not null,
  at timestamptz not null,
  kind text not null,
  text text not null check (octet_length(text) <= 4096),
  primary key (namespace, channel_id, at, kind)
);
create index on livechannel_history using brin (at) with (autosummarize = on);
`;
