import { liveChannelSchema, type LiveChannel } from './live-channel.ts';
import { API_VERSION, LIVE_CHANNEL_PLURAL, STREAMING_PLATFORM_PLURAL } from './names.ts';
import { streamingPlatformSchema, type StreamingPlatform } from './streaming-platform.ts';

/** The kinds of livechannel.dev in the form that the Kubernetes client requires: API path and parser. */
export const liveChannelType = {
  apiVersion: API_VERSION,
  kind: 'LiveChannel',
  plural: LIVE_CHANNEL_PLURAL,
  namespaced: true,
  parse: (raw: unknown): LiveChannel => liveChannelSchema.parse(raw),
} as const;

export const streamingPlatformType = {
  apiVersion: API_VERSION,
  kind: 'StreamingPlatform',
  plural: STREAMING_PLATFORM_PLURAL,
  namespaced: false,
  parse: (raw: unknown): StreamingPlatform => streamingPlatformSchema.parse(raw),
} as const;
