import { sql } from 'kysely';
import { type DatabaseLayout, table } from './layout.ts';
import type { ChannelKey } from './store.ts';

/** Stores the report unless a newer one of the channel is stored already, so that the order of arrival does not matter. */
export async function reportAudience(
  place: DatabaseLayout,
  { namespace, channelId }: ChannelKey,
  agoraViewers: number,
  at: Date,
): Promise<void> {
  await sql`
    insert into ${table(place, 'livechannel_audience')} as old (namespace, channel_id, at, agora_viewers)
    values (${namespace}, ${channelId}, ${at}, ${agoraViewers})
    on conflict (namespace, channel_id) do update set at = excluded.at, agora_viewers = excluded.agora_viewers
    where old.at <= excluded.at`.execute(place.db);
}

/** Reports that are not older than `since`. */
export async function audience(
  place: DatabaseLayout,
  since: Date,
): Promise<(ChannelKey & { readonly at: Date; readonly agoraViewers: number })[]> {
  const rows = await place.db
    .selectFrom('livechannel_audience')
    .selectAll()
    .where('at', '>=', since)
    .execute();
  return rows.map(({ namespace, channel_id: channelId, at, agora_viewers: agoraViewers }) => ({
    namespace,
    channelId,
    at,
    agoraViewers,
  }));
}
