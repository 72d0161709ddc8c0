import type { inferRouterOutputs } from '@trpc/server';
import type { ChannelSettings } from '../../server/contract/channel-settings.ts';
import type { ChannelView } from '../../server/contract/channel-view.ts';
import type { AppRouter, LiveChannelClient } from '../client.ts';
import type { ChannelId } from './channel-id.ts';

type Streaming = inferRouterOutputs<AppRouter>['streaming'];

const HOUR_MS = 3_600_000;

/** The period of getStreamAnalytics. */
interface AnalyticsPeriod {
  /** Default: an hour before `to`. */
  readonly from?: Date | undefined;
  /** Default: now. */
  readonly to?: Date | undefined;
  /** Seconds that one point stands for. Default: 60. */
  readonly step?: number | undefined;
}

/** What StreamingPlatformService does. An app's tests implement it. */
export interface StreamingPlatformOperations {
  /**
   * Creates the channel and its stream on the platform, without a relay. Repeated with the same settings, it returns
   * the same channel. `playbackUrl` is null until the platform has created the stream.
   */
  createLiveStream(channelId: ChannelId, settings?: ChannelSettings): Promise<ChannelView>;
  /** Where viewers watch. Request it for each viewer: an address may be signed, and changes when a channel migrates. */
  getPlaybackUrl(channelId: ChannelId, viewerId?: string): Promise<Streaming['getPlaybackUrl']>;
  /** Deletes the channel with its relay and its stream. To end a show and keep the address, stop the relay. */
  endLiveStream(channelId: ChannelId): Promise<void>;
  /** Viewers, bitrate and health over time. Default: the last hour by the minute. */
  getStreamAnalytics(channelId: ChannelId, period?: AnalyticsPeriod): Promise<Streaming['analytics']>;
  /**
   * Always throws StreamKeyUnavailableError.
   * @deprecated Stream keys stay inside the cluster.
   */
  getStreamKey(channelId?: ChannelId): never;
}

/** Why there is no stream key, and what to do instead. */
export class StreamKeyUnavailableError extends Error {
  override readonly name = 'StreamKeyUnavailableError';

  constructor() {
    super(
      'Stream keys stay inside the cluster: with one, anyone could replace the broadcast. Only the relay reads it, from ' +
        "its own Secret. To broadcast the host's Agora channel, start the relay (RelayService.startRelay).",
    );
  }
}

/**
 * The stream of a channel, whichever platform carries it.
 *
 * @example
 * const platform = new StreamingPlatformService(createLiveChannelClient({ url, token }));
 * const { hlsUrl } = await platform.getPlaybackUrl(4711);
 */
export class StreamingPlatformService implements StreamingPlatformOperations {
  readonly #client: Pick<LiveChannelClient, 'channels' | 'streaming'>;
  readonly #now: () => number;

  /** `now`: milliseconds since 1970, for tests. */
  constructor(client: Pick<LiveChannelClient, 'channels' | 'streaming'>, now: () => number = Date.now) {
    this.#client = client;
    this.#now = now;
  }

  async createLiveStream(channelId: ChannelId, settings: ChannelSettings = {}): Promise<ChannelView> {
    const { channel } = await this.#client.channels.create.mutate({
      ...settings,
      id: channelId,
      onAir: false,
      idempotencyKey: 'createLiveStream',
    });
    return channel;
  }

  async getPlaybackUrl(channelId: ChannelId, viewerId?: string): Promise<Streaming['getPlaybackUrl']> {
    return this.#client.streaming.getPlaybackUrl.query({ channelId, viewerId });
  }

  async endLiveStream(channelId: ChannelId): Promise<void> {
    await this.#client.channels.end.mutate({ channelId });
  }

  async getStreamAnalytics(
    channelId: ChannelId,
    { to = new Date(this.#now()), from = new Date(to.getTime() - HOUR_MS), step }: AnalyticsPeriod = {},
  ): Promise<Streaming['analytics']> {
    return this.#client.streaming.analytics.query({
      channelId,
      from: from.toISOString(),
      to: to.toISOString(),
      step,
    });
  }

  getStreamKey(): never {
    throw new StreamKeyUnavailableError();
  }
}
