import type { EffectiveStreamMode, StreamMode } from '../../api/values.ts';
import type { CreateChannel } from '../../server/contract/channel-settings.ts';
import type { ChannelView } from '../../server/contract/channel-view.ts';
import type { LiveChannelClient } from '../client.ts';
import type { ChannelId } from './channel-id.ts';

/** Where the viewers of a channel watch. */
export interface ChannelMode {
  /** As it was set. */
  readonly streamMode: StreamMode;
  /** Where viewers are sent now; differs under `auto`, a budget or a fallback. null until it is known. */
  readonly effectiveStreamMode: EffectiveStreamMode | null;
}

/** Settings of a new channel, and its labels. */
export type NewChannel = Omit<CreateChannel, 'id' | 'onAir'>;

/** What ChannelService does. An app's tests implement it. */
export interface ChannelOperations {
  /**
   * Creates the channel with its stream and starts its relay. Repeated with the same settings, it returns the same
   * channel.
   */
  createChannel(channelId: ChannelId, settings?: NewChannel): Promise<ChannelView>;
  /** Deletes the channel: its relay stops, and its stream is deleted. */
  endChannel(channelId: ChannelId): Promise<void>;
  getStreamMode(channelId: ChannelId): Promise<ChannelMode>;
  setStreamMode(channelId: ChannelId, streamMode: StreamMode): Promise<ChannelMode>;
}

/**
 * Creates and ends channels, and chooses where their viewers watch.
 *
 * @example
 * const channels = new ChannelService(createLiveChannelClient({ url, token }));
 * await channels.createChannel(4711, { streamMode: 'hybrid' });
 */
export class ChannelService implements ChannelOperations {
  readonly #channels: LiveChannelClient['channels'];

  constructor(client: Pick<LiveChannelClient, 'channels'>) {
    this.#channels = client.channels;
  }

  async createChannel(channelId: ChannelId, settings: NewChannel = {}): Promise<ChannelView> {
    const { channel } = await this.#channels.create.mutate({
      ...settings,
      id: channelId,
      onAir: true,
      idempotencyKey: 'createChannel',
    });
    return channel;
  }

  async endChannel(channelId: ChannelId): Promise<void> {
    await this.#channels.end.mutate({ channelId });
  }

  async getStreamMode(channelId: ChannelId): Promise<ChannelMode> {
    const { channel } = await this.#channels.get.query({ channelId });
    return modeOf(channel);
  }

  async setStreamMode(channelId: ChannelId, streamMode: StreamMode): Promise<ChannelMode> {
    const { channel } = await this.#channels.update.mutate({ channelId, settings: { streamMode } });
    return modeOf(channel);
  }
}

function modeOf({ streamMode, effectiveStreamMode }: ChannelView): ChannelMode {
  return { streamMode, effectiveStreamMode };
}
