import type { inferRouterOutputs } from '@trpc/server';
import type { AppRouter, LiveChannelClient } from '../client.ts';
import type { ChannelId } from './channel-id.ts';

type Relay = inferRouterOutputs<AppRouter>['relay'];

/** How a channel does now. */
export interface StreamMetrics {
  /** Viewers on HLS and on Agora; 0 while unknown. */
  readonly viewers: Relay['status']['viewerCount'];
  /** kbit/s; 0 while unknown. */
  readonly bitrate: Relay['status']['bitrate'];
  readonly health: Relay['status']['health'];
}

/** What RelayService does. An app's tests implement it. */
export interface RelayOperations {
  /**
   * Puts the channel on air, and creates it if it does not exist. Resolves when the stream has an address.
   * `agoraToken`: for an app that signs Agora's tokens itself; without it the operator signs them.
   */
  startRelay(channelId: ChannelId, agoraToken?: string): Promise<Relay['start']>;
  /** Takes the channel off air; its stream and its address are kept. */
  stopRelay(channelId: ChannelId): Promise<Relay['stop']>;
  /** Whether media arrives at the platform. */
  getRelayStatus(channelId: ChannelId): Promise<Relay['status']>;
  /** The numbers of this moment; StreamingPlatformService.getStreamAnalytics has those of the past. */
  getStreamMetrics(channelId: ChannelId): Promise<StreamMetrics>;
}

/**
 * Starts, stops and watches the relay of a channel.
 *
 * @example
 * const relays = new RelayService(createLiveChannelClient({ url, token }));
 * const { playbackUrl } = await relays.startRelay(4711);
 */
export class RelayService implements RelayOperations {
  readonly #relay: LiveChannelClient['relay'];

  constructor(client: Pick<LiveChannelClient, 'relay'>) {
    this.#relay = client.relay;
  }

  async startRelay(channelId: ChannelId, agoraToken?: string): Promise<Relay['start']> {
    return this.#relay.start.mutate({ channelId, ...(agoraToken === undefined ? {} : { agoraToken }) });
  }

  async stopRelay(channelId: ChannelId): Promise<Relay['stop']> {
    return this.#relay.stop.mutate({ channelId });
  }

  async getRelayStatus(channelId: ChannelId): Promise<Relay['status']> {
    return this.#relay.status.query({ channelId });
  }

  async getStreamMetrics(channelId: ChannelId): Promise<StreamMetrics> {
    const { viewerCount, bitrate, health } = await this.#relay.status.query({ channelId });
    return { viewers: viewerCount, bitrate, health };
  }
}
