import type { ChannelId } from '../../../api/channel-id.ts';
import type { ChannelNumbers } from '../../../api/live-numbers.ts';
import type { LiveNumber } from '../../cache/live-numbers.ts';

/** What is measured of a channel now, as subscribers receive it; unknown numbers are null. */
export function channelNumbers(
  channelId: ChannelId,
  live: LiveNumber | undefined,
  now: Date,
): ChannelNumbers {
  return {
    channelId,
    at: (live?.at ?? now).toISOString(),
    agoraViewers: live?.agoraViewers ?? null,
    hlsViewers: live?.hlsViewers ?? null,
    bitrateKbps: live?.relay?.outBitrateKbps ?? null,
    health: live?.relay?.health ?? null,
  };
}

/** The same with what the relay reports. */
export function channelNumbersWithMedia(
  channelId: ChannelId,
  live: LiveNumber | undefined,
  now: Date,
): ChannelNumbers {
  const numbers = channelNumbers(channelId, live, now);
  if (live?.relay === undefined) return { ...numbers, media: null };
  const { health, ...media } = live.relay;
  return { ...numbers, health, media };
}
