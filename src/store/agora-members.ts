import { type RawBuilder, sql } from 'kysely';
import { relayUids } from '../api/agora-uids.ts';
import { type DatabaseLayout, table } from './layout.ts';
import type { AgoraAudience, AgoraChannelKey, AgoraMemberEvent, AgoraMemberKey } from './store.ts';
import { writeRows } from './write-rows.ts';

/**
 * A user whose last event is older has left, even if the event that says so was lost: Agora repeats a notification three
 * times only. Shows are shorter.
 */
export const MEMBER_VALID_MS = 12 * 3_600_000;
/** Time for which a user who left is remembered. Events that arrive later than that cannot be ordered. */
export const LEFT_MEMBER_KEPT_MS = 3_600_000;

type AgoraUser = Pick<AgoraMemberEvent, 'namespace' | 'project' | 'agoraChannel' | 'uid'>;

const userOf = ({ namespace, project, agoraChannel, uid }: AgoraUser): string =>
  JSON.stringify([namespace, project, agoraChannel, uid]);

/** The newest event of each user, in the order of the users, so that concurrent statements cannot deadlock. */
function newestOfEach(events: readonly AgoraMemberEvent[]): ReadonlyMap<string, AgoraMemberEvent> {
  const newest = new Map<string, AgoraMemberEvent>();
  for (const event of events) {
    const user = userOf(event);
    const known = newest.get(user);
    if (known === undefined || event.clientSeq > known.clientSeq) newest.set(user, event);
  }
  return new Map([...newest].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** One statement for all events. Returns for each whether it is the newest of its user. */
export async function addAgoraEvents(
  place: DatabaseLayout,
  events: readonly AgoraMemberEvent[],
  heardAt: Date,
): Promise<boolean[]> {
  const newest = newestOfEach(events);
  const isNewest = new Set<string>();
  await writeRows(place, [...newest.values()], {
    table: 'livechannel_agora_members',
    name: ({ namespace, agoraChannel, uid }) => `${namespace}/${agoraChannel}/${uid}`,
    write: async (_, some) => {
      for (const user of await upsert(place, some, heardAt)) isNewest.add(userOf(user));
    },
  });
  return events.map((event) => {
    const user = userOf(event);
    return isNewest.has(user) && newest.get(user)?.clientSeq === event.clientSeq;
  });
}

/** Returns the users of whom no newer event was there. */
async function upsert(
  place: DatabaseLayout,
  rows: readonly AgoraMemberEvent[],
  heardAt: Date,
): Promise<readonly AgoraUser[]> {
  const column = <T>(pick: (event: AgoraMemberEvent) => T): T[] => rows.map(pick);
  const written = await sql<AgoraUser>`
    insert into ${table(place, 'livechannel_agora_members')} as old
      (namespace, project, agora_channel, uid, client_seq, at, heard_at, present, host)
    select namespace, project, agora_channel, uid, client_seq, at, ${heardAt}::timestamptz, present, host from unnest(
      ${column((row) => row.namespace)}::text[], ${column((row) => row.project)}::text[],
      ${column((row) => row.agoraChannel)}::text[], ${column((row) => row.uid)}::bigint[],
      ${column((row) => row.clientSeq)}::bigint[], ${column((row) => row.at.toISOString())}::timestamptz[],
      ${column((row) => row.present)}::boolean[], ${column((row) => row.host)}::boolean[])
      as event (namespace, project, agora_channel, uid, client_seq, at, present, host)
    on conflict (namespace, project, agora_channel, uid) do update set client_seq = excluded.client_seq,
      at = excluded.at, heard_at = excluded.heard_at, present = excluded.present, host = excluded.host
    where excluded.client_seq >= old.client_seq
    returning namespace, project, agora_channel as "agoraChannel", uid`.execute(place.db);
  return written.rows;
}

/** The latest end of the channel is kept, in whatever order they arrive. */
export async function agoraChannelDestroyed(
  place: DatabaseLayout,
  { namespace, project, agoraChannel }: AgoraChannelKey,
  at: Date,
): Promise<void> {
  await sql`
    insert into ${table(place, 'livechannel_agora_channels')} as old (namespace, project, agora_channel, destroyed_at)
    values (${namespace}, ${project}, ${agoraChannel}, ${at})
    on conflict (namespace, project, agora_channel) do update set destroyed_at = excluded.destroyed_at
    where old.destroyed_at < excluded.destroyed_at`.execute(place.db);
}

/**
 * Counts the members of each Agora channel whose last event is not before `since`. Agora's times are whole seconds: a
 * user who joined in the second in which the channel was destroyed counts as present. `relays`: those with a uid outside the
 * range of relays.
 */
export async function agoraAudience(
  place: DatabaseLayout,
  since: Date,
  relays: readonly AgoraMemberKey[],
): Promise<AgoraAudience[]> {
  /** As double precision, which the driver reads as numbers also in arrays. */
  const uids = (condition: RawBuilder<unknown>): RawBuilder<unknown> =>
    sql`coalesce(array_agg(uid::double precision) filter (where ${condition}), '{}')`;
  const isRelay = sql`(uid >= ${relayUids.first} and uid < ${relayUids.first + relayUids.count}
    or (namespace, project, agora_channel, uid) in (select * from unnest(
      ${relays.map(({ namespace }) => namespace)}::text[], ${relays.map(({ project }) => project)}::text[],
      ${relays.map(({ agoraChannel }) => agoraChannel)}::text[], ${relays.map(({ uid }) => uid)}::bigint[])))`;
  const isPresent = sql`(present and at >= ${since} and (destroyed_at is null or at >= destroyed_at))`;
  const { rows } = await sql<{
    namespace: string;
    project: string;
    agora_channel: string;
    viewers: number;
    hosts: number[];
    relays: number[];
    project_heard_at: Date;
  }>`
    select namespace, project, agora_channel,
      count(*) filter (where ${isPresent} and not host and not ${isRelay}) as viewers,
      ${uids(sql`${isPresent} and host and not ${isRelay}`)} as hosts,
      ${uids(sql`${isPresent} and ${isRelay}`)} as relays,
      max(max(heard_at)) over (partition by namespace, project) as project_heard_at
    from ${table(place, 'livechannel_agora_members')}
      left join ${table(place, 'livechannel_agora_channels')} using (namespace, project, agora_channel)
    group by namespace, project, agora_channel`.execute(place.db);
  return rows.map((row) => ({
    namespace: row.namespace,
    project: row.project,
    agoraChannel: row.agora_channel,
    viewers: row.viewers,
    hostUids: row.hosts,
    relayUids: row.relays,
    projectHeardAt: row.project_heard_at,
  }));
}
