/**
 * What is measured of channels now, overwritten every 2 s. Unlogged: it is worth nothing after a crash, and no write-ahead
 * log is written for it. Rows are updated in place, hence the free space in each page.
 */
export const liveNumbers = `
create unlogged table livechannel_live_numbers (
  namespace text not null,
  channel_id text not null,
  at timestamptz not null,
  written_at timestamptz not null default now(),
  agora_viewers bigint,
  hls_viewers bigint,
  report jsonb,
  primary key (namespace, channel_id)
) with (fillfactor = 50);
comment on table livechannel_live_numbers is 'What is measured of channels now. at: by the clock of the writer; written_at: by that of the database.';
`;
