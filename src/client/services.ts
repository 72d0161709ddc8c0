/** The service as three small classes, for an app that separates its services from its transport. */
export { RelayService, type RelayOperations, type StreamMetrics } from './services/relay-service.ts';
export {
  StreamingPlatformService,
  StreamKeyUnavailableError,
  type StreamingPlatformOperations,
} from './services/streaming-platform-service.ts';
export { ChannelService, type ChannelOperations, type ChannelMode } from './services/channel-service.ts';
