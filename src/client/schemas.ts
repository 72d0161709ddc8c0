/**
 * zod schemas of what the service takes and returns. REST and tRPC use the same ones, so an app can validate a form
 * before it sends it, or check a webhook or a stored event.
 */
export {
  agoraTokenRequestSchema,
  agoraTokenViewSchema,
  audienceReportSchema,
} from '../server/contract/agora.ts';
export { alertFilters, alertViewSchema } from '../server/contract/alerts.ts';
export { channelIdSchema } from '../server/contract/channel-id.ts';
export {
  channelSettingsSchema,
  createChannelSchema,
  type ChannelChange,
  type ChannelSettings,
  type CreateChannel,
} from '../server/contract/channel-settings.ts';
export { channelViewSchema, type ChannelView } from '../server/contract/channel-view.ts';
export { costsQuerySchema, costsViewSchema } from '../server/contract/costs.ts';
export {
  serverEventSchema,
  type ChannelEvent,
  type NumbersEvent,
  type ServerEvent,
} from '../server/contract/events.ts';
export {
  channelNumbersSchema,
  mediaNumbersSchema,
  type ChannelNumbers,
  type MediaNumbers,
} from '../api/live-numbers.ts';
export { feedbackReportSchema, type Feedback, type FeedbackKind } from '../server/contract/feedback.ts';
export { metricPointSchema, metricsQuerySchema } from '../server/contract/metrics.ts';
export { labelsSchema, type Labels } from '../server/contract/labels.ts';
export {
  modeChangeResultSchema,
  modeChangeSchema,
  type ModeChange,
  type ModeChangeResult,
} from '../server/contract/modes.ts';
export { platformViewSchema } from '../server/contract/platforms.ts';
export {
  playbackViewSchema,
  startedRelaySchema,
  type PlaybackView,
  type StartedRelay,
} from '../server/contract/playback.ts';
export { startRelaySchema, type StartRelay } from '../server/contract/relay-start.ts';
export {
  ticketRequestSchema,
  ticketViewSchema,
  type TicketRequest,
  type TicketView,
} from '../server/contract/tickets.ts';
export { webhookSchema, type WebhookMessage } from '../api/webhooks.ts';
export { usageQuerySchema, usageViewSchema, type UsageView } from '../server/contract/usage.ts';
export {
  relayStateSchema,
  relayViewSchema,
  type RelayState,
  type RelayView,
} from '../server/contract/relay-view.ts';
export {
  effectiveStreamModeSchema,
  healthSchema,
  relayStatusSchema,
  streamModeSchema,
  type EffectiveStreamMode,
  type Health,
  type RelayStatus,
  type StreamMode,
} from '../api/values.ts';
