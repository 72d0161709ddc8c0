import { findCondition } from '../api/conditions.ts';
import type { LiveChannel } from '../api/live-channel.ts';
import { activeRecord } from '../api/stream-records.ts';
import { streamId, type StreamId } from '../platforms/platform.ts';

/** How a channel can be watched; `why` names the reason and message when it cannot. */
export type Playback =
  | { readonly access: 'none'; readonly why: string }
  | { readonly access: 'public'; readonly url: string }
  | { readonly access: 'signed'; readonly platform: string; readonly id: StreamId };

/** How the channel can be watched now, from its status and its stream records. */
export function playbackOf(channel: LiveChannel): Playback {
  const { spec, status } = channel;
  const url = status?.hlsPlaybackUrl;
  const record = activeRecord(channel);
  if (url === undefined || record?.id === undefined) {
    const ready = findCondition(status?.conditions, 'Ready');
    const why =
      ready === undefined ? 'the operator has not reconciled it yet.' : `${ready.reason}: ${ready.message}`;
    return { access: 'none', why };
  }
  if (spec.playback.access === 'public') return { access: 'public', url };
  return { access: 'signed', platform: record.platform, id: streamId(record.id) };
}
