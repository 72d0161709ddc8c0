import { sql } from 'kysely';
import { momentKinds } from '../api/values.ts';
import { keyText } from './channel-key-text.ts';
import { type DatabaseLayout, table } from './layout.ts';
import type { ChannelMoment, HistoryQuery } from './store.ts';
import { writeRows } from './write-rows.ts';

/** Inserts what is not there yet: of two leaders that observe the same restart, one writes it. */
export async function addMoments(place: DatabaseLayout, moments: readonly ChannelMoment[]): Promise<void> {
  await writeRows(place, moments, { table: 'livechannel_history', name: keyText, write: insert });
}

async function insert(place: DatabaseLayout, moments: readonly ChannelMoment[]): Promise<void> {
  const column = <T>(pick: (moment: ChannelMoment) => T): T[] => moments.map(pick);
  await sql`
    insert into ${table(place, 'livechannel_history')} (namespace, channel_id, at, kind, text)
    select * from unnest(
      ${column(({ namespace }) => namespace)}::text[], ${column(({ channelId }) => channelId)}::text[],
      ${column(({ at }) => at.toISOString())}::timestamptz[], ${column(({ kind }) => kind)}::text[],
      ${column(({ text }) => text)}::text[])
    on conflict do nothing`.execute(place.db);
}

/** The newest moments in [from, to), newest first. */
export async function history(place: DatabaseLayout, query: HistoryQuery): Promise<ChannelMoment[]> {
  const { namespace, channelId, from, to, most } = query;
  const rows = await place.db
    .selectFrom('livechannel_history')
    .selectAll()
    .where('namespace', '=', namespace)
    .where('channel_id', '=', channelId)
    .where('at', '>=', from)
    .where('at', '<', to)
    .orderBy('at', 'desc')
    .limit(most)
    .execute();
  return rows.flatMap(({ at, kind: written, text }) => {
    // A newer version may have written kinds that this one does not know.
    const kind = momentKinds.find((each) => each === written);
    return kind === undefined ? [] : [{ namespace, channelId, at, kind, text }];
  });
}
