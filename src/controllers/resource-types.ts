import { liveChannelSchema, type LiveChannel } from '../api/live-channel.ts';
import { API_VERSION, LIVE_CHANNEL_PLURAL, STREAMING_PLATFORM_PLURAL } from '../api/names.ts';
import { streamingPlatformSchema, type StreamingPlatform } from '../api/streaming-platform.ts';
import type { ResourceType } from '../kube/resource.ts';

export const liveChannelType: ResourceType<LiveChannel> = {
  apiVersion: API_VERSION,
  kind: 'LiveChannel',
  plural: LIVE_CHANNEL_PLURAL,
  namespaced: true,
  parse: (raw) => liveChannelSchema.parse(raw),
};

export const streamingPlatformType: ResourceType<StreamingPlatform> = {
  apiVersion: API_VERSION,
  kind: 'StreamingPlatform',
  plural: STREAMING_PLATFORM_PLURAL,
  namespaced: false,
  parse: (raw) => streamingPlatformSchema.parse(raw),
};
