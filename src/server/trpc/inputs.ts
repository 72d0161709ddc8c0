import { z } from 'zod';
import { agoraTokenRequestSchema, audienceReportSchema } from '../contract/agora.ts';
import { alertFilters } from '../contract/alerts.ts';
import { apiKeyIdSchema } from '../contract/api-keys.ts';
import { auditFilters } from '../contract/audit.ts';
import { channelIdSchema } from '../contract/channel-id.ts';
import { channelChangeSchema, createChannelSchema } from '../contract/channel-settings.ts';
import { feedbackReportSchema } from '../contract/feedback.ts';
import { historyQuerySchema } from '../contract/history.ts';
import { metricsQuerySchema } from '../contract/metrics.ts';
import { pageCursorSchema } from '../contract/page-cursor.ts';
import { qoeQuerySchema, qoeReportSchema } from '../contract/qoe.ts';
import { startRelaySchema } from '../contract/relay-start.ts';
import { ticketRequestSchema } from '../contract/tickets.ts';
import { relayStatusSchema, streamModeSchema } from '../../api/values.ts';

export const channelInput = z.object({ channelId: channelIdSchema });
export const startInput = channelInput.extend(startRelaySchema.shape);
export const playbackInput = channelInput.extend({
  viewerId: z.string().min(1).max(256).optional().describe('Id of the viewer, for a signed URL.'),
});
export const createInput = createChannelSchema.extend({
  idempotencyKey: z
    .string()
    .min(1)
    .max(255)
    .optional()
    .describe('Repeated requests with the same key create one channel.'),
});
const ifMatch = z
  .string()
  .min(1)
  .max(256)
  .optional()
  .describe('etag of the version that the change is based on.');
export const updateInput = channelInput.extend({ settings: channelChangeSchema, ifMatch });
export const endInput = channelInput.extend({ ifMatch });

const limit = z.int().min(1).max(500).default(50);
export const listInput = z
  .object({
    limit,
    after: z.string().max(1_024).optional().describe('`next` of the previous page.'),
    relayStatus: relayStatusSchema.optional(),
    platform: z.string().min(1).max(253).optional(),
    streamMode: streamModeSchema.optional(),
  })
  .prefault({});
export const alertsInput = z
  .object({
    channelId: channelIdSchema.optional(),
    ...alertFilters,
    open: z.boolean().optional(),
    limit,
    before: pageCursorSchema.optional(),
  })
  .prefault({});

export const auditInput = z
  .object({
    channelId: channelIdSchema.optional(),
    ...auditFilters,
    limit,
    before: pageCursorSchema.optional(),
  })
  .prefault({});
export const revokeKeyInput = z.object({ id: apiKeyIdSchema });

export const analyticsInput = metricsQuerySchema.extend({ channelId: channelIdSchema });
export const historyInput = historyQuerySchema.extend({ channelId: channelIdSchema });
export const agoraTokenInput = agoraTokenRequestSchema.extend({ channelId: channelIdSchema });
export const ticketInput = ticketRequestSchema.extend({ channelId: channelIdSchema });
export const feedbackInput = feedbackReportSchema.extend({ channelId: channelIdSchema });
export const qoeReportInput = qoeReportSchema.extend({ channelId: channelIdSchema });
export const qoeInput = qoeQuerySchema.extend({ channelId: channelIdSchema });
export const audienceInput = audienceReportSchema.extend({ channelId: channelIdSchema });

/** tRPC's client adds the id of the last event when it reconnects. */
const lastEventId = z.string().max(1_024).optional();
export const channelEventsInput = channelInput.extend({ lastEventId });
export const allEventsInput = z.object({ lastEventId }).prefault({});
