import { z } from 'zod';
import { alertViewSchema } from './alerts.ts';
import { channelViewSchema } from './channel-view.ts';
import { effectiveStreamModeSchema } from './values.ts';

/** What events and webhooks have in common: each type by itself. `id` is described in event-id.ts. */
export const eventSchemas = {
  /** The whole channel: at the beginning, and if the events since the given id are no longer known. */
  snapshot: z.object({ type: z.literal('snapshot'), id: z.string(), channel: channelViewSchema }),
  /** The channel changed. */
  status: z.object({ type: z.literal('status'), id: z.string(), channel: channelViewSchema }),
  /**
   * Viewers should switch to `mode`, which becomes the channel's effective mode after `at`; both work until then.
   */
  mode: z.object({
    type: z.literal('mode'),
    id: z.string(),
    channelId: z.string(),
    mode: effectiveStreamModeSchema,
    at: z.iso.datetime(),
    message: z.string(),
  }),
  ended: z.object({ type: z.literal('ended'), id: z.string(), channelId: z.string() }),
  /** An alert was raised or resolved. Only subscribers to all channels receive it. */
  alert: z.object({ type: z.literal('alert'), id: z.string(), alert: alertViewSchema }),
} as const;

/** An event for subscribers; `id` resumes after it. */
export const serverEventSchema = z.discriminatedUnion('type', [
  eventSchemas.snapshot,
  eventSchemas.status,
  eventSchemas.mode,
  eventSchemas.ended,
  eventSchemas.alert,
]);
export type ServerEvent = z.infer<typeof serverEventSchema>;
/** What subscribers to one channel receive. Alerts are for those who operate the app. */
export type ChannelEvent = Exclude<ServerEvent, { readonly type: 'alert' }>;
