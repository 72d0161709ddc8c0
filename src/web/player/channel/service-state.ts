import type { ChannelState } from './channel-state.ts';
import type { ChannelFacts, ChannelNews, Mode, PlaybackFacts } from './service-views.ts';

/** What the service has answered so far. */
export interface ServiceMemory {
  readonly service: 'unknown' | 'ok' | 'away';
  readonly channel: ChannelFacts | undefined;
  readonly playback: (PlaybackFacts & { readonly stream: string }) | undefined;
  readonly refused: ChannelState['refused'];
  /** Was on air, or existed, at any time. */
  readonly begun: boolean;
  /** An announced change of the mode. */
  readonly announced: { readonly mode: Mode; readonly at: number } | undefined;
  /** By the answer to a request for the address. */
  readonly agoraOnly: boolean;
  readonly ended: boolean;
}

export const emptyMemory: ServiceMemory = {
  service: 'unknown',
  channel: undefined,
  playback: undefined,
  refused: undefined,
  begun: false,
  announced: undefined,
  agoraOnly: false,
  ended: false,
};

/** An event, or the same by polling. `now` is in milliseconds since the epoch. */
export function withNews(memory: ServiceMemory, news: ChannelNews, now: number): ServiceMemory {
  switch (news.type) {
    case 'channel': {
      const { channel } = news;
      const { announced } = memory;
      // What was announced holds until its time has come, or until it is in effect.
      const keeps = announced !== undefined && announced.at > now && channel.mode !== announced.mode;
      return {
        ...memory,
        service: 'ok',
        channel,
        refused: channel.exists ? undefined : 'not-found',
        begun: memory.begun || channel.begun,
        announced: keeps ? announced : undefined,
        ended: false,
      };
    }
    case 'mode':
      return { ...memory, announced: { mode: news.mode, at: news.at } };
    case 'ended':
      return { ...memory, ended: true, begun: true };
    case 'ticket-expired':
      return memory;
  }
}

/** What the player knows of the channel. */
export function channelState(memory: ServiceMemory): ChannelState {
  const { service, channel, playback, refused, announced, ended } = memory;
  const exists = channel?.exists !== false && !ended && refused !== 'not-found';
  const mode = announced?.mode ?? channel?.mode ?? (memory.agoraOnly ? 'agora-only' : undefined);
  return {
    service,
    url: exists ? playback?.url : undefined,
    stream: exists ? playback?.stream : undefined,
    onAir: exists && channel?.onAir === true,
    wanted: exists && channel?.wanted === true,
    failing: channel?.failing === true,
    begun: memory.begun || channel?.begun === true,
    mode,
    modeAt: announced?.at,
    refused: ended && refused === undefined ? 'not-found' : refused,
    expectedLatencySeconds: playback?.latencySeconds,
  };
}

/** Whether the address must be requested: there is none, or it is that of another stream. */
export function needsPlayback({ channel, playback, ended }: ServiceMemory): boolean {
  if (channel?.exists === false || ended) return false;
  if (playback === undefined) return true;
  return channel?.stream !== undefined && channel.stream !== playback.stream;
}
