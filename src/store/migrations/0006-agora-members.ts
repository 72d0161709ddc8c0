/**
 * Members of Agora channels, as Agora's notifications report them. A row is the newest event of a user, so events may
 * arrive in any order and repeatedly. Rows of users who left are kept for an hour, which is what makes a late event of
 * theirs recognizable as old. Rows are updated in place, hence the free space in each page.
 */
export const agoraMembers = `
create table livechannel_agora_members (
  namespace text not null,
  project text not null,
  agora_channel text not null,
  uid bigint not null,
  client_seq bigint not null,
  at timestamptz not null,
  heard_at timestamptz not null,
  present boolean not null,
  host boolean not null,
  primary key (namespace, project, agora_channel, uid)
) with (fillfactor = 70);
comment on table livechannel_agora_members is 'Newest event of each user of an Agora channel. project: the Secret with the credentials of the Agora project.';

create table livechannel_agora_channels (
  namespace text not null,
  project text not null,
  agora_channel text not null,
  destroyed_at timestamptz not null,
  primary key (namespace, project, agora_channel)
);
comment on table livechannel_agora_channels is 'When Agora last destroyed a channel: whoever joined before that has left.';
`;
